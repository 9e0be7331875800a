/** The bytes of a base64 text, in the ordinary or the URL alphabet; undefined when it is not one. */
export const fromBase64 = (text: unknown): Uint8Array | undefined => {
  if (typeof text !== "string" || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) return undefined
  const digits = text.replace(/=+$/, "")
  // One digit alone holds six bits: no byte.
  return digits.length % 4 === 1 ? undefined : Buffer.from(digits, "base64")
}
