import { createHash, randomBytes, timingSafeEqual } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Data, Effect, Result, Schema } from "effect"
import { writePrivately } from "./private-file.ts"

const KeptToken = Schema.Struct({
  /** Who acts when this token is used. */
  name: Schema.NonEmptyString,
  /** SHA-256 of the token, hex. The token has 256 random bits, so a slow hash would add nothing. */
  sha256: Schema.String.pipe(Schema.check(Schema.isPattern(/^[0-9a-f]{64}$/, { expected: "64 hex digits" })))
})

const TokenFile = Schema.Struct({ tokens: Schema.NonEmptyArray(KeptToken) })
const decodeFile = Schema.decodeUnknownResult(Schema.fromJsonString(TokenFile), { errors: "all" })

/** The file of token hashes cannot be read or written; the gateway must not start without its guard. */
export class TokensUnusable extends Data.TaggedError("TokensUnusable")<{
  readonly file: string
  readonly reason: string
}> {
  override get message(): string {
    return `${this.file}: ${this.reason}. Repair it, or remove it to have a new token made at the next start`
  }
}

export interface Tokens {
  /** The name of the token, or undefined when it is none of ours. Takes the same time for a near and a far miss. */
  readonly nameOf: (token: string) => string | undefined
  /** The token made just now, in clear, for printing once; absent when the file was there already. */
  readonly created: string | undefined
}

/** SHA-256 of a secret. */
export const hashOf = (secret: string): Buffer => createHash("sha256").update(secret).digest()

/** 256 random bits, base64url. */
export const newSecret = (): string => randomBytes(32).toString("base64url")

/** The name under which the first token acts. */
export const firstTokenName = "first-token"

const read = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8")
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined
    throw error
  }
}

/**
 * Opens the tokens of a data directory. At the first start there are none: one is made, its hash is kept in
 * `<dataDir>/tokens.json` (mode 0600) and its clear text is given back in `created`, never to be seen again.
 */
export const openTokens = (dataDir: string): Effect.Effect<Tokens, TokensUnusable> =>
  Effect.suspend(() => {
    const file = join(dataDir, "tokens.json")
    const unusable = (reason: string) => new TokensUnusable({ file, reason })
    const attempt = <A>(use: () => A) =>
      Effect.try({ try: use, catch: (error) => unusable(error instanceof Error ? error.message : String(error)) })
    return Effect.gen(function* () {
      const text = yield* attempt(() => read(file))
      if (text !== undefined) {
        const decoded = decodeFile(text)
        if (Result.isFailure(decoded)) return yield* unusable(`expected token hashes: ${decoded.failure.message}`)
        return tokensOf(decoded.success.tokens, undefined)
      }
      const created = newSecret()
      const kept = [{ name: firstTokenName, sha256: hashOf(created).toString("hex") }]
      yield* attempt(() => writePrivately(dataDir, file, `${JSON.stringify({ tokens: kept }, null, 2)}\n`))
      return tokensOf(kept, created)
    })
  })

const tokensOf = (kept: ReadonlyArray<typeof KeptToken.Type>, created: string | undefined): Tokens => {
  const hashes = kept.map((token) => ({ name: token.name, hash: Buffer.from(token.sha256, "hex") }))
  return {
    created,
    nameOf: (token) => {
      const hash = hashOf(token)
      let name: string | undefined
      for (const known of hashes) if (timingSafeEqual(known.hash, hash)) name = known.name
      return name
    }
  }
}
