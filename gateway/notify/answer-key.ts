import { createHmac, randomBytes, timingSafeEqual } from "node:crypto"
import { join } from "node:path"
import { readPrivately, writePrivately } from "../api/private-file.ts"

/** The file of the key is there and cannot be used. */
export class AnswerKeyUnusable extends Error {
  override readonly name = "AnswerKeyUnusable"
}

/** What proves that an answer from outside belongs to a message of ours, without remembering any message. */
export interface AnswerKey {
  /** Goes with a message that only its recipient can read, and comes back with a receipt: 128 bits, base64url. */
  readonly proofOf: (notification: string) => string
  readonly isProof: (notification: string, proof: string) => boolean
  /** The code that a person answers a text message about this alert with: letters and digits that nobody mistakes. */
  readonly codeOf: (alert: string, person: string) => string
}

/** No vowels (no words), and nothing that is taken for something else: 0 O 1 I L, 5 S, 2 Z, 8 B. */
const codeAlphabet = "3467CDFGHJKMNPQRTVWXY"
const codeLength = 4

/** Whether a text could be a code at all: most words of other people's messages could not. */
export const isCodeShaped = (text: string): boolean =>
  text.length === codeLength && Array.from(text).every((sign) => codeAlphabet.includes(sign))

const keyBytes = 32

const keyOf = (dataDir: string): Buffer => {
  const file = join(dataDir, "answers.key")
  const text = readPrivately(file)
  if (text === undefined) {
    const made = randomBytes(keyBytes)
    writePrivately(dataDir, file, `${made.toString("base64url")}\n`)
    return made
  }
  const kept = Buffer.from(text.trim(), "base64url")
  if (kept.length !== keyBytes) throw new AnswerKeyUnusable(`${file} does not hold a key of ${keyBytes} bytes`)
  return kept
}

/**
 * The key of a data directory: `<dataDir>/answers.key`, mode 0600, made where there is none. With another key, receipts
 * and codes of messages that were sent before are refused. Throws `AnswerKeyUnusable`.
 */
export const openAnswerKey = (dataDir: string): AnswerKey => {
  const key = keyOf(dataDir)
  const digest = (use: string, ...about: ReadonlyArray<string>): Buffer =>
    createHmac("sha256", key)
      .update(JSON.stringify([use, ...about]))
      .digest()
  const proof = (notification: string): Buffer => digest("receipt", notification).subarray(0, 16)
  return {
    proofOf: (notification) => proof(notification).toString("base64url"),
    isProof: (notification, told) => {
      const theirs = Buffer.from(told, "base64url")
      return theirs.length === 16 && timingSafeEqual(theirs, proof(notification))
    },
    codeOf: (alert, person) =>
      [...digest("code", alert, person).subarray(0, codeLength)]
        .map((byte) => codeAlphabet[byte % codeAlphabet.length])
        .join("")
  }
}
