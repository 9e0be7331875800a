import { encode } from "jpeg-js"

const made = new Map<number, Uint8Array>()

/** A real JPEG of a few pixels, another one for every number. Each is made once: the encoder takes its time. */
export const jpegOf = (n: number): Uint8Array => {
  const known = made.get(n) ?? encoded(n)
  made.set(n, known)
  return known
}

const encoded = (n: number): Uint8Array => {
  const [width, height] = [16, 16]
  const data = Buffer.alloc(width * height * 4)
  for (let at = 0; at < data.length; at += 4) data.set([(n * 37) % 256, (at + n * 11) % 256, (n * n) % 256, 255], at)
  return encode({ width, height, data }, 80).data
}

/** A PNG of one pixel. */
export const png: Uint8Array = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64"
)

/** What many cameras answer in place of a picture. */
export const loginPage: Uint8Array = Buffer.from("<!DOCTYPE html>\n<html><title>Sign in</title></html>")
