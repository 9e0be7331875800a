import type { Outcome } from "../../domain/alert.ts"
import type { UnwatchedWhy } from "../../domain/console.ts"
import type { DoorCommand } from "../../domain/command.ts"
import type { Replay } from "./replay-wire.ts"
import { consoleId } from "./console-id.ts"
import type { ChannelTold, Health } from "./health-wire.ts"
import type { WhatIf } from "./use-replay.ts"
import type { AlarmHealth } from "./alarm-health-wire.ts"
import type { ArmingState } from "../../domain/arming.ts"
import type { AlertWhy, DoorDiagnosis, DoorWhy } from "./explanation-wire.ts"
import type {
  AcknowledgedSeveral,
  Alert,
  Area,
  Campus,
  CommandTold,
  Device,
  Door,
  Entry,
  Explanation,
  Flood,
  Gap,
  Instant,
  Link,
  NotificationsTold,
  Page,
  ThreatLevel
} from "./wire.ts"

/** For how long, or until its condition is normal again. */
export type ShelveFor = { readonly minutes: number } | { readonly oneShot: true }

/** Where the gateway's API begins. */
export const root = "/api/v1"

/** The gateway answered with a refusal; `message` is for the officer, `status` is HTTP's. */
export class Refused extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const problemText = async (response: Response): Promise<string> => {
  try {
    const problem = (await response.json()) as {
      readonly detail?: string
      readonly title?: string
      readonly errors?: ReadonlyArray<{ readonly path: string; readonly message: string }>
    }
    const what = problem.detail ?? problem.title ?? response.statusText
    return [what, ...(problem.errors ?? []).map(({ path, message }) => `${path}: ${message}`)].join("\n")
  } catch {
    return response.statusText || `HTTP ${response.status}`
  }
}

/** Asks the gateway; rejects with `Refused`. */
export const request = async (
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {}
): Promise<Response> => {
  let response: Response
  try {
    response = await fetch(root + path, {
      method,
      credentials: "same-origin",
      headers: body === undefined ? headers : { "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
  } catch {
    throw new Refused(0, "The gateway cannot be reached; check that it runs, then try again.")
  }
  if (!response.ok) throw new Refused(response.status, await problemText(response))
  return response
}

/** What a path answers; rejects with `Refused`. */
export const get = async <A>(path: string): Promise<A> => (await (await request("GET", path)).json()) as A

/** At most 10 pages of 200: an officer acts on the most urgent ones first, and the list says when more are open. */
const openAlerts = async (): Promise<Page<Alert>> => {
  const items: Array<Alert> = []
  let next: Page<Alert>["next"]
  for (let page = 0; page < 10; page++) {
    const cursor = next === undefined || next === null ? "" : `&before=${encodeURIComponent(next)}`
    const answer = await get<Page<Alert>>(`/alerts?state=open&limit=200${cursor}`)
    items.push(...answer.items)
    next = answer.next
    if (next === undefined || next === null || answer.items.length === 0) return { items }
  }
  return next === undefined ? { items } : { items, next }
}

const alertPath = (id: string, verb: string): string => `/alerts/${encodeURIComponent(id)}/${verb}`

/** What is to be taken out of service: a door, a device, an area, or one point. */
export type ServiceWanted = { readonly minutes: number; readonly reason: string } & (
  | { readonly door: string }
  | { readonly device: string }
  | { readonly area: string }
  | { readonly point: string }
)

/** `maintenance:door:east` is ended at `/maintenance/door/east`, `bypass:contact/contact` at `/bypasses/contact/contact`. */
const servicePath = (gap: string): string => {
  const [kind, ...rest] = gap.split(":")
  const parts =
    kind === "bypass"
      ? ["bypasses", ...rest.join(":").split("/")]
      : ["maintenance", rest[0] ?? "", rest.slice(1).join(":")]
  return `/${parts.map(encodeURIComponent).join("/")}`
}

/** A name for one request, so that the same one sent twice is one command. Works without HTTPS, as randomUUID does not. */
export const newRequestKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("")

const command = async (door: string, word: DoorCommand, reason: string, key: string): Promise<CommandTold> => {
  const body = reason === "" ? { command: word } : { command: word, reason }
  const path = `/doors/${encodeURIComponent(door)}/commands`
  return (await (await request("POST", path, body, { "idempotency-key": key })).json()) as CommandTold
}

const spanQuery = (from: Instant, to: Instant): string => new URLSearchParams({ from, to }).toString()

/** The gateway's API as the console uses it. Every call rejects with `Refused`. */
export const api = {
  campus: () => get<Campus | null>("/campus"),
  doors: () => get<Page<Door>>("/doors"),
  devices: () => get<Page<Device>>("/devices"),
  links: () => get<Page<Link>>("/links"),
  areas: () => get<Page<Area>>("/areas"),
  threatLevel: () => get<ThreatLevel>("/threat-level"),
  overrideArea: (id: string, state: ArmingState, minutes: number, reason: string) =>
    request("POST", `/areas/${encodeURIComponent(id)}/override`, { state, minutes, reason }),
  endAreaOverride: (id: string, reason: string) =>
    request("POST", `/areas/${encodeURIComponent(id)}/end-override`, { reason }),
  /** Without `minutes` until somebody changes it. */
  setThreatLevel: (level: string, minutes: number | undefined, reason: string) =>
    request("POST", "/threat-level", { level, reason, ...(minutes === undefined ? {} : { minutes }) }),
  /** The worst of them, and how many there are. */
  gaps: () => get<Page<Gap> & { readonly total: number }>("/gaps?limit=200"),
  beginService: (what: ServiceWanted) => request("POST", "point" in what ? "/bypasses" : "/maintenance", what),
  /** Of a gap that people made: the maintenance or the bypass that it tells of. */
  endService: (gap: string) => request("DELETE", servicePath(gap)),
  openAlerts,
  /** Tells a door what to do; answers once it is on disk and on its way. */
  command,
  acknowledge: (id: string) => request("POST", alertPath(id, "acknowledge"), {}),
  acknowledgeForced: (id: string, reason: string) => request("POST", alertPath(id, "acknowledge-forced"), { reason }),
  acknowledgeSeveral: async (ids: ReadonlyArray<string>, reason: string) =>
    (await (await request("POST", "/alerts/acknowledge", { ids, reason })).json()) as AcknowledgedSeveral,
  undoAcknowledgement: (id: string) => request("POST", alertPath(id, "undo-acknowledgement"), {}),
  claim: (id: string) => request("POST", alertPath(id, "claim"), {}),
  /** Out of somebody else's hands. */
  takeOver: (id: string, from: string, reason: string) => request("POST", alertPath(id, "take-over"), { from, reason }),
  release: (id: string) => request("POST", alertPath(id, "release"), {}),
  flood: () => get<{ readonly flood: Flood | null }>("/flood"),
  close: (id: string, outcome: Outcome, reason: string) => request("POST", alertPath(id, "close"), { outcome, reason }),
  note: (id: string, note: string) => request("POST", alertPath(id, "notes"), { note }),
  shelve: (id: string, time: ShelveFor, reason: string) =>
    request("POST", alertPath(id, "shelve"), { ...time, reason }),
  unshelve: (id: string, reason: string) => request("POST", alertPath(id, "unshelve"), { reason }),
  /** Worked out from the log, which may take a while. */
  whyAlert: (id: string) => get<AlertWhy>(alertPath(id, "explanation")),
  whyDoor: (door: string, at: Instant) =>
    get<DoorWhy>(`/doors/${encodeURIComponent(door)}/explanation?at=${encodeURIComponent(at)}`),
  /** What a door's alarms of the last 30 days were put down to; `undefined`: it had none. */
  diagnosis: async (door: string) =>
    (await get<{ readonly doors: ReadonlyArray<DoorDiagnosis> }>(`/doctor?door=${encodeURIComponent(door)}`)).doors[0],
  /** How the alerts of a span served those who answer them; worked out from the log. */
  alarmHealth: (from: Instant, to: Instant) => get<AlarmHealth>(`/alarm-health?${spanQuery(from, to)}`),
  /** Where a browser fetches the same as a table. */
  alarmHealthCsv: (from: Instant, to: Instant): string => `${root}/alarm-health.csv?${spanQuery(from, to)}`,
  /** Who was told of an alert, and how far it came. */
  told: (id: string) => get<NotificationsTold>(alertPath(id, "notifications")),
  timeline: (id: string) => get<Explanation>(alertPath(id, "timeline")),
  /** Has this console make no sound for 60 s. */
  silence: async () =>
    (await (await request("POST", `/consoles/${consoleId}/silence`)).json()) as { readonly until: Instant },
  setVolume: (percent: number) => request("POST", `/consoles/${consoleId}/volume`, { percent }),
  /** Says why nobody looks at this console, or, without a reason, that somebody does. */
  watch: (unwatched?: UnwatchedWhy) =>
    request("POST", `/consoles/${consoleId}/watch`, unwatched === undefined ? {} : { unwatched }),
  health: () => get<Health>("/health"),
  channels: () => get<{ readonly items: ReadonlyArray<ChannelTold> }>("/channels"),
  /** Looks something up in the log; `query` as the address bar would have it. */
  journal: (query: URLSearchParams) =>
    get<Page<Entry> & { readonly reachedAt?: Instant }>(`/journal?${query.toString()}`),
  startReplay: async (asked: WhatIf) => (await (await request("POST", "/replays", asked)).json()) as Replay,
  replay: (id: string) => get<Replay>(`/replays/${encodeURIComponent(id)}`),
  cancelReplay: (id: string) => request("DELETE", `/replays/${encodeURIComponent(id)}`)
}
