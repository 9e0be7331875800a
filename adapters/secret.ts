import { readFileSync } from "node:fs"
import { Schema } from "effect"

/** Where a secret is kept: an environment variable, or a file whose first line it is. Never the secret itself. */
export const SecretReference = Schema.Union([
  Schema.Struct({ env: Schema.NonEmptyString }),
  Schema.Struct({ file: Schema.NonEmptyString })
]).annotate({ identifier: "SecretReference", description: "{ env: NAME } or { file: path }" })
export type SecretReference = typeof SecretReference.Type

/** A secret is not where the configuration says it is. The message names the place and what to do. */
export class SecretMissing extends Error {
  override readonly name = "SecretMissing"
}

const firstLine = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8").split(/\r?\n/)[0]
  } catch (error) {
    throw new SecretMissing(`the password's file cannot be read: ${error instanceof Error ? error.message : file}`)
  }
}

/** Reads a secret where it is kept. Throws `SecretMissing` when there is none. */
export const readSecret = (reference: SecretReference): string => {
  const value = "env" in reference ? process.env[reference.env] : firstLine(reference.file)
  if (value !== undefined && value !== "") return value
  throw new SecretMissing(
    "env" in reference
      ? `the environment variable ${reference.env} is not set: it should hold the password`
      : `${reference.file} is empty: its first line should be the password`
  )
}
