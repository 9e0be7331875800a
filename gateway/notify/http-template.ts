import { Schema } from "effect"

/** When an answer counts as "taken". Everything that is named has to hold. */
export const TakenWhen = Schema.Struct({
  status: Schema.optionalKey(
    Schema.Array(Schema.Int).annotate({ description: "Statuses that say so; any of 200 to 299 where none is named" })
  ),
  bodyMatches: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description:
        "A regular expression that the answer's body has to match, for providers that answer 200 to everything"
    })
  )
}).annotate({ identifier: "TakenWhen" })
export type TakenWhen = typeof TakenWhen.Type

/**
 * A request as its provider wants it. `{{name}}` stands for a value, escaped for the place it stands in: per cent in the
 * address and in a form, as the inside of a JSON string in JSON, as it is elsewhere.
 */
export const HttpTemplate = Schema.Struct({
  method: Schema.optionalKey(Schema.Literals(["POST", "PUT", "GET"])),
  url: Schema.NonEmptyString.pipe(
    Schema.check(Schema.isPattern(/^https?:\/\/[^/?#{}\s]+/, { expected: "an http: or https: address" }))
  ),
  headers: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  body: Schema.optionalKey(Schema.String),
  takenWhen: Schema.optionalKey(TakenWhen)
}).annotate({ identifier: "HttpTemplate" })
export type HttpTemplate = typeof HttpTemplate.Type

const placeholder = /\{\{(\w+)\}\}/g

const insideJsonString = (value: string): string => JSON.stringify(value).slice(1, -1)

const formEncoded = (value: string): string => encodeURIComponent(value).replaceAll("%20", "+")

/** A header ends where its line does: what would break out of it becomes a blank. */
const insideHeader = (value: string): string => value.replaceAll(/[\r\n\0]+/g, " ")

const asItIs = (value: string): string => value

const escapeOf = (mediaType: string): ((value: string) => string) =>
  /json/i.test(mediaType) ? insideJsonString : /form-urlencoded/i.test(mediaType) ? formEncoded : asItIs

/** The names that a template asks for. */
export const placeholdersOf = ({ url, headers = {}, body = "" }: HttpTemplate): ReadonlySet<string> =>
  new Set(
    [url, body, ...Object.values(headers)].flatMap((text) =>
      [...text.matchAll(placeholder)].map(([, name]) => name ?? "")
    )
  )

/** What is wrong with a template, for the person who wrote it; `undefined`: nothing that can be told beforehand. */
export const wrongTemplate = (template: HttpTemplate, known: ReadonlyArray<string>): string | undefined => {
  const strange = [...placeholdersOf(template)].find((name) => !known.includes(name))
  if (strange !== undefined)
    return `{{${strange}}} stands for nothing; there is ${known.map((name) => `{{${name}}}`).join(", ")}`
  if (template.method === "GET" && template.body !== undefined) return "a GET carries no body"
  const pattern = template.takenWhen?.bodyMatches
  if (pattern === undefined) return undefined
  try {
    void new RegExp(pattern, "u")
    return undefined
  } catch (error) {
    return `bodyMatches is no regular expression: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** A request, ready to go. */
export interface FilledRequest {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** Fills a template. A name without a value is filled with nothing. */
export const filled = (template: HttpTemplate, values: Readonly<Record<string, string>>): FilledRequest => {
  const fill = (text: string, escape: (value: string) => string): string =>
    text.replaceAll(placeholder, (_, name: string) => escape(values[name] ?? ""))
  const { url, headers = {}, body, method = "POST" } = template
  const named = Object.entries(headers)
  const mediaType = named.find(([name]) => name.toLowerCase() === "content-type")?.[1]
  const guessed = body === undefined || mediaType !== undefined ? undefined : guessedMediaType(body)
  return {
    url: fill(url, encodeURIComponent),
    method,
    headers: {
      ...(guessed === undefined ? {} : { "content-type": guessed }),
      ...Object.fromEntries(named.map(([name, value]) => [name.toLowerCase(), fill(value, insideHeader)]))
    },
    ...(body === undefined ? {} : { body: fill(body, escapeOf(mediaType ?? guessed ?? "")) })
  }
}

const guessedMediaType = (body: string): string =>
  /^\s*[{[]/.test(body)
    ? "application/json"
    : /^[\w.-]+=/.test(body)
      ? "application/x-www-form-urlencoded"
      : "text/plain; charset=utf-8"

/** Why an answer does not say that the provider has taken it; `undefined`: it has. */
export const whyNotTaken = (
  { status: wanted, bodyMatches }: TakenWhen,
  { status, body }: { readonly status: number; readonly body: string }
): string | undefined => {
  const isGood = wanted === undefined ? status >= 200 && status < 300 : wanted.includes(status)
  const told = body.trim().slice(0, 120)
  if (!isGood) return `it answers ${status}${told === "" ? "" : `: ${told}`}`
  if (bodyMatches === undefined || new RegExp(bodyMatches, "u").test(body)) return undefined
  return `its answer does not say that it took it: ${told === "" ? "it is empty" : told}`
}
