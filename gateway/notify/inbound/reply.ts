import { AlertId } from "../../domain/ids.ts"
import type { Person } from "../../domain/person.ts"
import type { AnswerKey } from "../answer-key.ts"
import { telephoneNumber } from "../sms/sms-text.ts"
import type { ReplySource } from "./inbound-settings.ts"

/** What somebody has answered: from which number, and in which words. */
export interface Reply {
  readonly from: string
  readonly text: string
}

/** A body as JSON or as a form; `undefined`: the fields are not there. */
export const readReply = ({ from = "from", text = "text" }: ReplySource, body: string): Reply | undefined => {
  const told = fieldsOf(body)
  const [who, said] = [told(from), told(text)]
  return who === undefined || said === undefined ? undefined : { from: who, text: said }
}

const fieldsOf = (body: string): ((name: string) => string | undefined) => {
  if (!/^\s*\{/.test(body)) {
    const form = new URLSearchParams(body)
    return (name) => form.get(name) ?? undefined
  }
  try {
    const value = JSON.parse(body) as Readonly<Record<string, unknown>>
    return (name) => (typeof value[name] === "string" ? value[name] : undefined)
  } catch {
    return () => undefined
  }
}

/** "4821 K7QX", as it is asked for, or with what people put around it: "A-4821: k7qx ok". */
export const codeIn = (text: string): { readonly alert: AlertId; readonly code: string } | undefined => {
  const [, number, code] = /(?:^|\b)A?-?(\d+(?:\.\d+)?)[\s:.,-]+([A-Za-z0-9]{4})\b/.exec(text.trim()) ?? []
  return number === undefined || code === undefined
    ? undefined
    : { alert: AlertId.make(`A-${number}`), code: code.toUpperCase() }
}

/** Who has a number, by the addresses of a channel. Two who share one cannot be told apart: then nobody has it. */
export const personOf = (
  number: string,
  channel: string,
  people: ReadonlyArray<Person>,
  addresses: ReadonlyMap<string, Readonly<Record<string, string>>>
): Person | undefined => {
  const wanted = telephoneNumber(number.startsWith("+") ? number : `+${number}`)
  if (wanted === undefined) return undefined
  const owners = people.filter(({ id, disabled }) => {
    const address = addresses.get(id)?.[channel]
    return disabled !== true && address !== undefined && telephoneNumber(address) === wanted
  })
  return owners.length === 1 ? owners[0] : undefined
}

/** A number that may stand in the log: its last three digits. */
export const masked = (number: string): string => `a number that ends with ${number.replaceAll(/\D/g, "").slice(-3)}`

/** Whether the code is the one that this person was sent for this alert. */
export const isCodeOf = (answers: AnswerKey, { id }: Person, alert: string, code: string): boolean =>
  answers.codeOf(alert, id) === code
