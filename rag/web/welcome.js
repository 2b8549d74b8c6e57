// What a newcomer sees before there is a knowledge base.

import { h } from "./dom.js";
import { address } from "./route.js";

export const welcome = () =>
  h(
    "div",
    { class: "empty" },
    h("h2", { say: "welcomeTitle" }),
    h("p", { say: "welcomeText" }),
    h("a", { class: "button primary", href: address("documents"), icon: "upload", say: "addDocuments" }),
  );
