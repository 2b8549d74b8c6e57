// Line icons on a grid of 24, drawn here; decorative, so hidden from screen readers.

const PATHS = {
  add: "M12 5v14M5 12h14",
  back: "M15 5l-7 7 7 7",
  chat: "M4 5h16v11H9l-5 4zM8 9h8M8 12h5",
  check: "M5 12.5l4.5 4.5L19 7",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h10v11H9zM5 15V4h10",
  documents: "M7 3h7l4 4v14H7zM14 3v4h4M10 12h5M10 16h5",
  down: "M6 9l6 6 6-6",
  download: "M12 4v11M7.5 11L12 15.5 16.5 11M5 20h14",
  edit: "M4 20l1-4L16 5l3 3L8 19z",
  folder: "M3 6h6l2 3h10v10H3z",
  history: "M4 12a8 8 0 1 0 2.5-5.8M4 4v4h4M12 8v4.5l3 2",
  key: "M8 16a4 4 0 1 1 3.5-6H21v4h-2v2h-3v-2h-4.5A4 4 0 0 1 8 16z",
  language: "M4 6h9M8.5 4v2M11 6c-.8 3.6-3.2 6-6.5 7.500M6 9c1.2 2 3 3.5 5.5 4.500M12 20l4-9 4 9M13.5 17h5",
  moon: "M19 14.500A7.5 7.5 0 0 1 9.5 5 7.5 7.5 0 1 0 19 14.500z",
  next: "M9 5l7 7-7 7",
  refresh: "M19 8a8 8 0 1 0 1 6M20 4v5h-5",
  search: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.500L20 20",
  send: "M12 19V5M6 11l6-6 6 6",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.500v5M9 14.500v5",
  stages: "M4 5h16M4 12h10M4 19h5M18 10v9M15 16l3 3 3-3",
  stop: "M7 7h10v10H7z",
  sun: "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM12 2.500v2M12 19.500v2M2.5 12h2M19.5 12h2M5.3 5.300l1.4 1.400M17.3 17.300l1.4 1.400M18.7 5.300l-1.4 1.400M6.7 17.300l-1.4 1.4",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
  up: "M7 11v9H4v-9zM7 11l4-7c1.5 0 2.3 1 2 2.500L12.5 10H19c1 0 1.6.9 1.4 1.800L19 19c-.2.7-.8 1-1.5 1H7",
  upload: "M12 16V5M7.5 9.500L12 5l4.5 4.500M5 20h14",
  zoom: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.500L20 20M10.5 8v5M8 10.500h5",
  warning: "M12 4l9 16H3zM12 10v4.500M12 17.300h.01",
};
const SVG = "http://www.w3.org/2000/svg";

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", name === "thumbDown" ? "icon flipped" : "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name === "thumbDown" || name === "thumbUp" ? "up" : name]);
  svg.append(path);
  return svg;
}
