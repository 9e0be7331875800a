import { createHash, randomBytes, timingSafeEqual } from "node:crypto"
import { join } from "node:path"
import { Data, Effect, Result, Schema } from "effect"
import { PersonId } from "../domain/ids.ts"
import { Role } from "../domain/person.ts"
import { readPrivately, writePrivately } from "./private-file.ts"
import { Right } from "./rights.ts"

const KeptToken = Schema.Struct({
  /** Who acts when this token is used. */
  name: Schema.NonEmptyString,
  /** Absent in files of before there were roles: every token could do everything. */
  role: Schema.optionalKey(Role),
  person: Schema.optionalKey(PersonId),
  only: Schema.optionalKey(Schema.Array(Right)),
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

/** A machine's token as it is known: everything but the secret. */
export interface Token {
  readonly name: string
  readonly role: Role
  readonly only?: ReadonlyArray<Right>
  /** Whose it is: it opens the console as them, and may what they may. The demonstration has such. */
  readonly person?: PersonId
}

export interface Tokens {
  /** The token of a secret, or undefined when it is none of ours. Takes the same time for a near and a far miss. */
  readonly tokenOf: (secret: string) => Token | undefined
  readonly named: (name: string) => Token | undefined
  /** In the order in which they were made. */
  readonly all: () => ReadonlyArray<Token>
  /** Makes a token and gives its secret, to be told once. Throws when the file cannot be written; nothing is made then. */
  readonly make: (token: Token) => string
  /** From now on it opens nothing. Throws when the file cannot be written; the token is then as it was. */
  readonly revoke: (name: string) => void
  /** The token made just now, in clear, for printing once; absent when the file was there already. */
  readonly created: string | undefined
}

/** SHA-256 of a secret. */
export const hashOf = (secret: string): Buffer => createHash("sha256").update(secret).digest()

/** 256 random bits, base64url. */
export const newSecret = (): string => randomBytes(32).toString("base64url")

/** The name under which the first token acts. */
export const firstTokenName = "first-token"

const tokenOfKept = ({ name, role = "administrator", only, person }: typeof KeptToken.Type): Token => ({
  name,
  role,
  ...(person === undefined ? {} : { person }),
  ...(only === undefined ? {} : { only })
})

const keptOf = (token: Token, secret: string): typeof KeptToken.Type => ({
  ...token,
  sha256: hashOf(secret).toString("hex")
})

const tokensOf = (
  first: ReadonlyArray<typeof KeptToken.Type>,
  created: string | undefined,
  keep: (kept: ReadonlyArray<typeof KeptToken.Type>) => void
): Tokens => {
  let kept = first
  let hashes = kept.map((one) => ({ token: tokenOfKept(one), hash: Buffer.from(one.sha256, "hex") }))
  const change = (to: ReadonlyArray<typeof KeptToken.Type>): void => {
    keep(to)
    kept = to
    hashes = kept.map((one) => ({ token: tokenOfKept(one), hash: Buffer.from(one.sha256, "hex") }))
  }
  return {
    created,
    tokenOf: (secret) => {
      const hash = hashOf(secret)
      let found: Token | undefined
      for (const known of hashes) if (timingSafeEqual(known.hash, hash)) found = known.token
      return found
    },
    named: (name) => hashes.find(({ token }) => token.name === name)?.token,
    all: () => hashes.map(({ token }) => token),
    make: (token) => {
      const secret = newSecret()
      change([...kept, keptOf(token, secret)])
      return secret
    },
    revoke: (name) => change(kept.filter((one) => one.name !== name))
  }
}

/**
 * Opens the tokens of a data directory. At the first start there are none: one is made, an administrator's; its hash is
 * kept in `<dataDir>/tokens.json` (mode 0600) and its clear text is given back in `created`, never to be seen again.
 */
export const openTokens = (dataDir: string): Effect.Effect<Tokens, TokensUnusable> =>
  Effect.suspend(() => {
    const file = join(dataDir, "tokens.json")
    const unusable = (reason: string) => new TokensUnusable({ file, reason })
    const attempt = <A>(use: () => A) =>
      Effect.try({ try: use, catch: (error) => unusable(error instanceof Error ? error.message : String(error)) })
    const keep = (tokens: ReadonlyArray<typeof KeptToken.Type>): void =>
      writePrivately(dataDir, file, `${JSON.stringify({ tokens }, null, 2)}\n`)
    return Effect.gen(function* () {
      const text = yield* attempt(() => readPrivately(file))
      if (text !== undefined) {
        const decoded = decodeFile(text)
        if (Result.isFailure(decoded)) return yield* unusable(`expected token hashes: ${decoded.failure.message}`)
        return tokensOf(decoded.success.tokens, undefined, keep)
      }
      const created = newSecret()
      const kept = [keptOf({ name: firstTokenName, role: "administrator" }, created)]
      yield* attempt(() => keep(kept))
      return tokensOf(kept, created, keep)
    })
  })
