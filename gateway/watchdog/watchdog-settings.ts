import { readSecret, SecretMissing, type SecretReference } from "../../adapters/secret.ts"
import { wrongTemplate } from "../notify/http-template.ts"
import { decodeAt } from "../settings/decode.ts"
import type { Problem } from "../settings/problem.ts"
import { readSources, readText, type Sources } from "../settings/sources.ts"
import { WatchdogConfig } from "./watchdog-config.ts"

export interface WatchdogSettings {
  readonly config: WatchdogConfig
  /** Absent: the stream is not followed. */
  readonly token: string | undefined
}

/** What was typed, in place of what the file says or besides it. */
export interface Typed {
  readonly url: string | undefined
  readonly command: string | undefined
}

const missingSecret = (reference: SecretReference): string | undefined => {
  try {
    readSecret(reference)
    return undefined
  } catch (error) {
    if (error instanceof SecretMissing) return error.message
    throw error
  }
}

/** What no schema can hold: secrets that are not there, templates that ask for what nobody has. */
const problemsOf = (sources: Sources, { gateway, alarms }: WatchdogConfig): ReadonlyArray<Problem> => {
  const problems: Array<Problem> = []
  const look = (path: ReadonlyArray<string | number>, reference: SecretReference | undefined): void => {
    const why = reference === undefined ? undefined : missingSecret(reference)
    if (why !== undefined) problems.push(sources.problem(path, why))
  }
  look(["gateway", "token"], gateway.token)
  for (const [nth, { webhook, sms }] of alarms.entries()) {
    look(["alarms", nth, "webhook", "secret"], webhook?.secret)
    if (sms === undefined) continue
    for (const [name, reference] of Object.entries(sms.secrets ?? {}))
      look(["alarms", nth, "sms", "secrets", name], reference)
    const why = wrongTemplate(sms.http, ["to", "text", ...Object.keys(sms.secrets ?? {})])
    if (why !== undefined) problems.push(sources.problem(["alarms", nth, "sms", "http"], why))
  }
  return problems
}

/** Reads a watchdog's file; left out, what was typed is all there is. Finds every problem in one go. */
export const readWatchdog = (
  file: string | undefined,
  { url, command }: Typed
): { readonly settings: WatchdogSettings | undefined; readonly problems: ReadonlyArray<Problem> } => {
  const sources = file === undefined ? readText({ file: "watchdog", text: "{}" }) : readSources([file])
  const { value } = sources
  const written = {
    ...value,
    ...(url === undefined ? {} : { gateway: { ...(value["gateway"] as object | undefined), url } }),
    ...(command === undefined
      ? {}
      : { alarms: [...((value["alarms"] as ReadonlyArray<unknown> | undefined) ?? []), { command: [command] }] })
  }
  const decoded = decodeAt(WatchdogConfig, sources, [], written)
  const config = decoded.value
  const problems = [
    ...sources.problems,
    ...decoded.problems,
    ...(config === undefined ? [] : problemsOf(sources, config))
  ]
  if (config === undefined || problems.length > 0) return { settings: undefined, problems }
  const { token } = config.gateway
  return {
    settings: { config, token: token === undefined ? process.env["GATEHOUSE_TOKEN"] : readSecret(token) },
    problems
  }
}
