// What the browser remembers between visits. Storage may be switched off: then nothing is remembered.

export function remembered(name, storage = localStorage) {
  try {
    return storage.getItem(name);
  } catch {
    return null;
  }
}

export function remember(name, value, storage = localStorage) {
  try {
    if (value === null) storage.removeItem(name);
    else storage.setItem(name, value);
  } catch {
    // Full or switched off: the choice holds until the page is closed.
  }
}
