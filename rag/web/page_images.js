// Page images of a document, fetched with the key and kept for as long as they are shown.

import { blobAddress, kbAt, withQuery } from "./api.js";

/** Puts the image of a page into `image`; the one before is freed. */
export async function showPageImage(image, kb, docId, page, unit, signal) {
  const pages = kbAt(kb, "documents", docId, "pages", `${page}.png`);
  const address = await blobAddress(withQuery(pages, { highlight: unit }), { signal });
  if (image.src) URL.revokeObjectURL(image.src);
  image.src = address;
  await image.decode().catch(() => {}); // shown all the same
}
