// The clipboard.

/** Copies a text; gives false where the browser does not allow it, as without https. */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
