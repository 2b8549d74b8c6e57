// Files out of a drop or a chosen folder, each with the name it shall be known by.

/** Gives [{file, name}] of a drop; folders are walked through. */
export async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return named([...transfer.files].map((file) => ({ file, path: file.name })));
  const found = [];
  for (const entry of entries) await walk(entry, found);
  return named(found);
}

/** The same for a file input, which may hold a folder. */
export const chosenFiles = (input) =>
  named([...input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name })));

async function walk(entry, found) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => {
      entry.file(resolve, reject);
    });
    found.push({ file, path: entry.fullPath.replace(/^\//, "") });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const inside = await new Promise((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (!inside.length) return;
    for (const one of inside) await walk(one, found);
  }
}

const hidden = (path) => path.split("/").some((part) => part.startsWith(".") || part.startsWith("~$"));

/** A document is known by its file's name, so files of one name in several folders get the folder in front. */
function named(files) {
  const shown = files.filter(({ path }) => !hidden(path));
  const base = (path) => path.split("/").at(-1);
  const same = Map.groupBy(shown, ({ path }) => base(path).toLowerCase());
  return shown.map(({ file, path }) => ({
    file,
    name: same.get(base(path).toLowerCase()).length > 1 ? path.split("/").slice(-2).join(" - ") : base(path),
  }));
}
