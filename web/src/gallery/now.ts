/** A fixed moment, so that pictures of the gallery can be compared. */
export const GALLERY_NOW_MS = Date.parse('2026-11-20T16:42:10Z');
