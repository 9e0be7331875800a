import { argon2, type Argon2Parameters, randomBytes, timingSafeEqual } from "node:crypto"

/**
 * Argon2id with 19 MiB, two passes and one lane: the least that OWASP's Password Storage Cheat Sheet asks for, which keeps
 * a small gateway answering while several people sign in. 16 bytes of salt and 32 of tag are RFC 9106's (section 4).
 */
const usual = { memory: 19_456, passes: 2, parallelism: 1 } as const
const saltBytes = 16
const tagBytes = 32

/** The only factor is to have so many characters at least (NIST SP 800-63B-4, section 3.1.1.2), and no other rule. */
export const passwordAtLeast = 15
/** Longer ones are no safer, and cost as much as whoever sends them likes. */
export const passwordAtMost = 128
/** `aaaaaaaaaaaaaaa` is long and no password. */
const differentAtLeast = 5

type Strength = Pick<Argon2Parameters, "memory" | "passes" | "parallelism">

/** What people type is the same however their keyboard composes it (NIST SP 800-63B-4: NFKC before hashing). */
const tagOf = (password: string, salt: Buffer, strength: Strength): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const message = Buffer.from(password.normalize("NFKC"))
    // Computed on a thread of libuv's pool: the loop goes on meanwhile.
    argon2("argon2id", { message, nonce: salt, tagLength: tagBytes, ...strength }, (error, tag) => {
      if (error === null) resolve(tag)
      else reject(error)
    })
  })

const base64 = (bytes: Buffer): string => bytes.toString("base64").replaceAll("=", "")

/** The hash of a password with its salt and strength, in the PHC string format, so that a later release may ask for more. */
export const hashPassword = async (password: string): Promise<string> => {
  const salt = randomBytes(saltBytes)
  const tag = await tagOf(password, salt, usual)
  return `$argon2id$v=19$m=${usual.memory},t=${usual.passes},p=${usual.parallelism}$${base64(salt)}$${base64(tag)}`
}

/** A hash as `hashPassword` writes it. */
export const phcPattern = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/** A hash of nothing that anybody could type: who is not known takes as long to refuse as who is. */
const nobodys = `$argon2id$v=19$m=${usual.memory},t=${usual.passes},p=${usual.parallelism}$${base64(randomBytes(saltBytes))}$${base64(randomBytes(tagBytes))}`

/** Whether a password is the one of the hash; without a hash it never is, after the same time. */
export const isPassword = async (password: string, hash: string | undefined): Promise<boolean> => {
  const [, memory, passes, parallelism, salt = "", tag = ""] = phcPattern.exec(hash ?? nobodys) ?? []
  const strength = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) }
  const [wanted, found] = [Buffer.from(tag, "base64"), await tagOf(password, Buffer.from(salt, "base64"), strength)]
  return wanted.length === found.length && timingSafeEqual(wanted, found) && hash !== undefined
}

/** What is wrong with a new password, for the person who chose it; `undefined`: nothing. */
export const passwordFault = (password: string, name: string): string | undefined => {
  const characters = Array.from(password.normalize("NFKC"))
  if (characters.length < passwordAtLeast) return `Expected at least ${passwordAtLeast} characters: a few words do`
  if (characters.length > passwordAtMost) return `Expected at most ${passwordAtMost} characters`
  if (new Set(characters).size < differentAtLeast) return "Expected more than the same few characters over and over"
  const told = password.toLowerCase().replaceAll(name.toLowerCase(), "")
  return told.length < passwordAtLeast && told.length < password.length
    ? "Expected more than your name: others know that"
    : undefined
}
