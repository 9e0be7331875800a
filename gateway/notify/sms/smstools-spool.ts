import { createHash, randomUUID } from "node:crypto"
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/** The headers of a file of smstools, and its text (SMS Server Tools 3, "SMS file format"). */
export interface SpoolFile {
  readonly headers: ReadonlyMap<string, string>
  readonly text: string
}

/** Headers up to the first empty line; their names are told apart by case. */
export const parseSpoolFile = (content: string): SpoolFile => {
  const [head = "", ...rest] = content.split(/\r?\n\r?\n/)
  const headers = new Map<string, string>()
  for (const line of head.split(/\r?\n/)) {
    const [, name, value] = /^([A-Za-z_][\w-]*): ?(.*)$/.exec(line) ?? []
    if (name !== undefined) headers.set(name, (value ?? "").trim())
  }
  return { headers, text: rest.join("\n\n") }
}

/** Where a text stands in the spool. */
export type SpoolState =
  | { readonly is: "absent" }
  /** `taken`: the modem has begun with it, and it cannot be withdrawn. */
  | { readonly is: "waiting"; readonly taken: boolean }
  | { readonly is: "sent"; readonly messageId: string | undefined; readonly text: string }
  | { readonly is: "failed"; readonly why: string }

export interface Spool {
  readonly put: (name: string, content: string) => void
  readonly stateOf: (name: string) => SpoolState
  /** Takes back what the modem has not begun with; answers whether it could. */
  readonly withdraw: (name: string) => boolean
  /** Removes what is left of a text that failed, so that it can be put anew. */
  readonly clear: (name: string) => void
  /** Why the spool cannot be used; `undefined`: it can. */
  readonly fault: () => string | undefined
}

/** The file of a message: the same for each copy of it, so that a copy is found and not sent twice. */
export const spoolName = (key: string): string =>
  `gatehouse-${createHash("sha256").update(key).digest("hex").slice(0, 20)}`

/** A text for one number. The number is written without its +, as smsd wants it. */
export const spoolContent = (to: string, text: string): string =>
  [`To: ${to.replace(/^\+/, "")}`, "Alphabet: UTF-8", "Autosplit: 3", "Report: yes", "Priority: High", "", text].join(
    "\n"
  )

const remove = (file: string): boolean => {
  try {
    rmSync(file)
    return true
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false
    throw error
  }
}

/** The directories of smsd below one spool directory, as Debian lays them out. */
export const openSpool = (directory: string): Spool => {
  const [outgoing, checked, sent, failed] = ["outgoing", "checked", "sent", "failed"].map((name) =>
    join(directory, name)
  ) as [string, string, string, string]
  const inChecked = (name: string): boolean => existsSync(join(checked, name))
  const isTaken = (name: string): boolean => existsSync(join(checked, `${name}.LOCK`))
  return {
    put: (name, content) => {
      // smsd takes whatever lies in outgoing; a dot keeps its hands off until the text is whole.
      const beside = join(outgoing, `.${name}.${randomUUID()}`)
      writeFileSync(beside, content, { mode: 0o660 })
      renameSync(beside, join(outgoing, name))
    },
    stateOf: (name) => {
      if (existsSync(join(outgoing, name))) return { is: "waiting", taken: false }
      if (inChecked(name)) return { is: "waiting", taken: isTaken(name) }
      if (existsSync(join(sent, name))) {
        const { headers, text } = parseSpoolFile(readFileSync(join(sent, name), "utf8"))
        return { is: "sent", messageId: headers.get("Message_id"), text }
      }
      if (!existsSync(join(failed, name))) return { is: "absent" }
      const { headers } = parseSpoolFile(readFileSync(join(failed, name), "latin1"))
      return { is: "failed", why: headers.get("Fail_reason") ?? "the modem could not send it" }
    },
    withdraw: (name) => remove(join(outgoing, name)) || (!isTaken(name) && remove(join(checked, name))),
    clear: (name) => void remove(join(failed, name)),
    fault: () => {
      for (const folder of [outgoing, checked, sent, failed]) {
        try {
          readdirSync(folder)
        } catch (error) {
          return `${folder} cannot be read: ${error instanceof Error ? error.message : String(error)}`
        }
      }
      try {
        const probe = join(outgoing, `.gatehouse-${randomUUID()}`)
        writeFileSync(probe, "")
        rmSync(probe)
        return undefined
      } catch (error) {
        return `${outgoing} cannot be written: ${error instanceof Error ? error.message : String(error)}`
      }
    }
  }
}
