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
  until: Schema.optionalKey(Schema.Finite),
  /** Absent in files of before these were kept. */
  madeAt: Schema.optionalKey(Schema.Finite),
  usedAt: Schema.optionalKey(Schema.Finite),
  /** SHA-256 of the token, hex. The token has 256 random bits, so a slow hash would add nothing. */
  sha256: Schema.String.pipe(Schema.check(Schema.isPattern(/^[0-9a-f]{64}$/, { expected: "64 hex digits" })))
})

type KeptToken = typeof KeptToken.Type

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
  /** It opens nothing from then on, epoch milliseconds; absent: it does until it is revoked. */
  readonly until?: number
}

/** Whether a token's time is over. `now`: epoch milliseconds. */
export const isOver = ({ until }: Token, now: number): boolean => until !== undefined && until <= now

/** A token with when it was made and when it last opened something, epoch milliseconds; absent: nobody knows, or never. */
export interface StandingToken extends Token {
  readonly madeAt?: number
  readonly usedAt?: number
}

export interface Tokens {
  /** The token of a secret, also one that is over; undefined when it is none of ours. Takes the same time for a near and a far miss. */
  readonly tokenOf: (secret: string) => Token | undefined
  readonly named: (name: string) => Token | undefined
  /** In the order in which they were made. */
  readonly all: () => ReadonlyArray<StandingToken>
  /** It has opened something just now. */
  readonly used: (token: Token) => void
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

const tokenOfKept = ({ role = "administrator", sha256: _sha256, ...kept }: KeptToken): StandingToken => ({
  ...kept,
  role
})

const keptOf = (token: Token, secret: string, madeAt: number): KeptToken => ({
  ...token,
  madeAt,
  sha256: hashOf(secret).toString("hex")
})

/** When a token was last used is written so often at most: after a restart it may be told as used that much earlier. */
const usesKeptEveryMs = 3_600_000

/** When tokens were last used, by their names. */
const makeUses = (now: () => number, first: ReadonlyArray<KeptToken>) => {
  const uses = new Map(first.flatMap(({ name, usedAt }) => (usedAt === undefined ? [] : [[name, usedAt] as const])))
  const writtenAt = new Map(uses)
  return {
    /** The same with when it was last used. */
    with: <T extends { readonly name: string }>(one: T): T & { readonly usedAt?: number } => {
      const usedAt = uses.get(one.name)
      return usedAt === undefined ? one : { ...one, usedAt }
    },
    /** Answers whether it is time to write that. */
    note: (name: string): boolean => {
      const at = now()
      uses.set(name, at)
      if (at - (writtenAt.get(name) ?? 0) < usesKeptEveryMs) return false
      writtenAt.set(name, at)
      return true
    },
    forget: (name: string): void => {
      uses.delete(name)
      writtenAt.delete(name)
    }
  }
}

interface TokensParts {
  readonly first: ReadonlyArray<KeptToken>
  readonly created: string | undefined
  readonly keep: (kept: ReadonlyArray<KeptToken>) => void
  readonly now: () => number
}

const tokensOf = ({ first, created, keep, now }: TokensParts): Tokens => {
  const uses = makeUses(now, first)
  let kept = first
  let hashes = kept.map((one) => ({ token: tokenOfKept(one), hash: Buffer.from(one.sha256, "hex") }))
  const change = (to: ReadonlyArray<KeptToken>): void => {
    keep(to.map(uses.with))
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
    all: () => hashes.map(({ token }) => uses.with(token)),
    used: ({ name }) => {
      if (!uses.note(name)) return
      try {
        keep(kept.map(uses.with))
      } catch {
        // Nobody is turned away for it: the token opens what it opens, and it is written with the next use an hour on.
      }
    },
    make: (token) => {
      const secret = newSecret()
      change([...kept, keptOf(token, secret, now())])
      return secret
    },
    revoke: (name) => {
      change(kept.filter((one) => one.name !== name))
      uses.forget(name)
    }
  }
}

/**
 * Opens the tokens of a data directory. At the first start there are none: one is made, an administrator's; its hash is
 * kept in `<dataDir>/tokens.json` (mode 0600) and its clear text is given back in `created`, never to be seen again.
 */
export const openTokens = (dataDir: string, now: () => number): Effect.Effect<Tokens, TokensUnusable> =>
  Effect.suspend(() => {
    const file = join(dataDir, "tokens.json")
    const unusable = (reason: string) => new TokensUnusable({ file, reason })
    const attempt = <A>(use: () => A) =>
      Effect.try({ try: use, catch: (error) => unusable(error instanceof Error ? error.message : String(error)) })
    const keep = (tokens: ReadonlyArray<KeptToken>): void =>
      writePrivately(dataDir, file, `${JSON.stringify({ tokens }, null, 2)}\n`)
    return Effect.gen(function* () {
      const text = yield* attempt(() => readPrivately(file))
      if (text !== undefined) {
        const decoded = decodeFile(text)
        if (Result.isFailure(decoded)) return yield* unusable(`expected token hashes: ${decoded.failure.message}`)
        return tokensOf({ first: decoded.success.tokens, created: undefined, keep, now })
      }
      const created = newSecret()
      const first = [keptOf({ name: firstTokenName, role: "administrator" }, created, now())]
      yield* attempt(() => keep(first))
      return tokensOf({ first, created, keep, now })
    })
  })
