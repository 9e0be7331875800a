import { channelCounts, channelFindings } from "./status-channels.ts"
import type {
  AlertList,
  AreaList,
  ChannelList,
  ConfigTold,
  DeviceList,
  DoorList,
  LinkList,
  Ready,
  ThreatTold
} from "./status-wire.ts"

export interface Told {
  readonly config: typeof ConfigTold.Type
  readonly store: (typeof Ready.Type)["store"]
  readonly links: (typeof LinkList.Type)["items"]
  readonly devices: (typeof DeviceList.Type)["items"]
  readonly doors: (typeof DoorList.Type)["items"]
  readonly alerts: (typeof AlertList.Type)["items"]
  readonly areas: (typeof AreaList.Type)["items"]
  readonly channels: (typeof ChannelList.Type)["items"]
  readonly threat: typeof ThreatTold.Type
}

/** One thing worth a line: `bad` makes the gateway unhealthy, `odd` is told and no more. */
export interface Finding {
  readonly weight: "bad" | "odd"
  readonly what: "store" | "config" | "alert" | "link" | "device" | "door" | "area" | "threat" | "channel"
  readonly id: string
  /** How it stands, in a word or two. */
  readonly state: string
  readonly since: string | undefined
  readonly detail: string
  /** Of a device. */
  readonly lastHeardAt?: string
}

export interface Report {
  readonly healthy: boolean
  /** Worst first. */
  readonly findings: ReadonlyArray<Finding>
  /** What links were granted by the other side, for who plans how long an absence may last. */
  readonly granted: ReadonlyArray<{ readonly link: string; readonly words: string }>
  /** The site's threat level. */
  readonly threat: string
  readonly counts: {
    readonly areas: { readonly all: number; readonly armed: number }
    readonly doors: { readonly all: number; readonly secure: number }
    readonly devices: {
      readonly all: number
      readonly online: number
      readonly offline: number
      readonly unknown: number
      readonly disabled: number
    }
    /** `weak`: those whose settings leave something unprotected. */
    readonly links: { readonly all: number; readonly online: number; readonly weak: number }
    /** `working`: those that have shown that they take messages. */
    readonly channels: { readonly all: number; readonly working: number }
    /** Open alerts, and those by priority, 1 to 4; what is shelved, or out of service, is counted apart. */
    readonly alerts: {
      readonly open: number
      readonly unacknowledged: number
      readonly shelved: number
      readonly outOfService: number
      readonly byPriority: Readonly<Record<string, number>>
    }
  }
}

/** Of a lower rank is worse. */
type Found = Finding & { readonly rank: number }

const storeFindings = ({ store }: Told): ReadonlyArray<Found> =>
  store.accepting
    ? []
    : [
        {
          rank: 0,
          weight: "bad",
          what: "store",
          id: "log",
          state: "refuses",
          since: store.since,
          detail: "nothing that devices say is kept"
        }
      ]

/** What was written and is wrong: the gateway does not do what its files say. */
const configFindings = ({ config: { version, refused } }: Told): ReadonlyArray<Found> =>
  (refused?.problems.slice(0, 1) ?? []).map(({ file, line, column, message }) => ({
    rank: 0.05,
    weight: "bad",
    what: "config",
    id: `${file}:${line}:${column}`,
    state: "refused",
    since: refused?.since,
    detail: `${message}; ${version} stays in force`
  }))

/** Priorities at which an alert that nobody has answered is a fault of its own. */
const pressing = 2

/** Why it makes no sound, and for how long. */
const shelvedWords = ({ by, reason, until, oneShot }: NonNullable<Told["alerts"][number]["shelved"]>): string =>
  `shelved by ${by} until ${oneShot === true ? "normal, or " : ""}${until}: ${reason}`

const serviceWords = ({
  key,
  by,
  reason,
  until,
  endedAt
}: NonNullable<Told["alerts"][number]["outOfService"]>): string =>
  endedAt === undefined
    ? `${key} is in maintenance by ${by} until ${until}: ${reason}`
    : `came while ${key} was in maintenance by ${by}, over since ${endedAt}`

/** What is shelved, or comes from what is worked on, calls for nobody. */
const isApart = ({ shelved, outOfService }: Told["alerts"][number]): boolean =>
  shelved !== undefined || outOfService !== undefined

const alertFindings = ({ alerts }: Told): ReadonlyArray<Found> =>
  alerts.map((alert) => {
    const { id, title, where, priority, active, acknowledged, occurredAt, acknowledgedBy, shelved, outOfService } =
      alert
    const calls = !acknowledged && !isApart(alert)
    const apart = `${shelved === undefined ? "" : "shelved, "}${outOfService === undefined ? "" : "out of service, "}`
    const bad = calls && priority <= pressing
    return {
      rank: bad ? priority / 10 : 5 + (calls ? 0 : 0.5) + priority / 10,
      weight: bad ? "bad" : "odd",
      what: "alert",
      id,
      state: `priority ${priority}, ${apart}${acknowledged ? "acknowledged" : "unacknowledged"}`,
      since: occurredAt,
      detail: [
        title,
        // The title names the door or device already.
        ...where.split(" · ").filter((name) => !title.includes(name)),
        ...(acknowledgedBy === undefined ? [] : [`by ${acknowledgedBy}`]),
        ...(active ? [] : ["returned to normal"]),
        ...(shelved === undefined ? [] : [shelvedWords(shelved)]),
        ...(outOfService === undefined ? [] : [serviceWords(outOfService)])
      ].join("; ")
    }
  })

const linkFindings = ({ links }: Told): ReadonlyArray<Found> =>
  links
    .filter(({ state }) => state._tag !== "Online")
    .map(({ id, state }) => ({
      rank: 1,
      weight: "bad",
      what: "link",
      id,
      state: state._tag,
      since: undefined,
      detail: state.reason ?? ""
    }))

/** What is not protected even while all is well. */
const weaknessFindings = ({ links }: Told): ReadonlyArray<Found> =>
  links.flatMap(({ id, weaknesses = [] }) =>
    weaknesses.map((detail) => ({
      rank: 3.5,
      weight: "odd",
      what: "link",
      id,
      state: "not protected",
      since: undefined,
      detail
    }))
  )

/** A busy panel: people come and go at some of its doors, and each passage is several events. */
const busyPerSecond = 10

/** What was granted, in words; a name that is not known here stands as it is. */
const grantedWords: Readonly<Record<string, (value: number) => string>> = {
  event_queue: (events) =>
    `queues ${events} events of each source, which covers ${Math.floor(events / busyPerSecond)} s at ${busyPerSecond} events a second`,
  value_queue: (values) => `queues ${values} values of each variable`,
  publishing_ms: (ms) => `publishes every ${ms} ms`,
  lifetime_s: (seconds) => `keeps the subscription for ${seconds} s without us`
}

const grantedOf = ({ links }: Told): Report["granted"] =>
  links.flatMap(({ id, granted = {} }) => {
    const words = Object.entries(granted).map(([name, value]) => grantedWords[name]?.(value) ?? `${name} ${value}`)
    return words.length === 0 ? [] : [{ link: id, words: words.join("; ") }]
  })

const deviceFindings = ({ devices }: Told): ReadonlyArray<Found> =>
  devices
    .filter(({ availability, disabled }) => availability !== "online" && disabled !== true)
    .map(({ id, availability, reason, since, lastHeardAt }) => ({
      rank: availability === "offline" ? 2 : 3,
      weight: "bad",
      what: "device",
      id,
      state: availability,
      since: since ?? undefined,
      detail: reason,
      ...(lastHeardAt === null ? {} : { lastHeardAt })
    }))

/** Worst first; a standing that is not here is between them and Unknown. */
const standings = ["Forced", "Held", "HeldPreAlarm", "UnverifiedOpening", "Open", "Unlocked", "Granted"]
const lastStandings = ["Unknown", "OutOfService"]

const standingRank = (standing: string): number => {
  const early = standings.indexOf(standing)
  return early >= 0 ? early : standings.length + 1 + lastStandings.indexOf(standing)
}

/** A door that is secure, or locked down. */
const isSecure = (standing: string): boolean => standing === "Secure" || standing === "LockedDown"

const doorFindings = ({ doors }: Told): ReadonlyArray<Found> =>
  doors
    .filter(({ standing }) => !isSecure(standing))
    .map(({ id, where, standing, since }) => ({
      rank: 4 + standingRank(standing) / 100,
      weight: "odd",
      what: "door",
      id,
      state: standing,
      since: since ?? undefined,
      detail: where
    }))

/** A threat level above the lowest is worth a line, and whoever set it. */
const threatFindings = ({ threat: { level, levels, since, by, reason, until } }: Told): ReadonlyArray<Found> =>
  level === levels[0]
    ? []
    : [
        {
          rank: 3.8,
          weight: "odd",
          what: "threat",
          id: "site",
          state: level,
          since,
          detail: `set by ${by ?? "nobody"}: ${reason ?? ""}${until === undefined ? "" : `, until ${until}`}`
        }
      ]

/** Areas that officers hold against their schedule. */
const areaFindings = ({ areas }: Told): ReadonlyArray<Found> =>
  areas.flatMap(({ id, where, state, override }): ReadonlyArray<Found> =>
    override === undefined
      ? []
      : [
          {
            rank: 3.9,
            weight: "odd",
            what: "area",
            id,
            state,
            since: override.at,
            detail: `${where}, by ${override.by} (${override.reason}), until ${override.until}`
          }
        ]
  )

const count = <T>(items: ReadonlyArray<T>, holds: (item: T) => boolean): number => items.filter(holds).length

const countsOf = ({ links, channels, devices, doors, alerts, areas }: Told): Report["counts"] => {
  const enabled = devices.filter(({ disabled }) => disabled !== true)
  const open = alerts.filter((alert) => !isApart(alert))
  const being = (availability: string) => count(enabled, (device) => device.availability === availability)
  return {
    areas: { all: areas.length, armed: count(areas, ({ state }) => state === "armed") },
    doors: { all: doors.length, secure: count(doors, ({ standing }) => isSecure(standing)) },
    devices: {
      all: enabled.length,
      online: being("online"),
      offline: being("offline"),
      unknown: being("unknown"),
      disabled: devices.length - enabled.length
    },
    links: {
      all: links.length,
      online: count(links, ({ state }) => state._tag === "Online"),
      weak: count(links, ({ weaknesses = [] }) => weaknesses.length > 0)
    },
    channels: channelCounts({ channels }),
    alerts: {
      open: open.length,
      unacknowledged: count(open, ({ acknowledged }) => !acknowledged),
      shelved: count(alerts, ({ shelved }) => shelved !== undefined),
      outOfService: count(alerts, ({ shelved, outOfService }) => shelved === undefined && outOfService !== undefined),
      byPriority: Object.fromEntries(
        [1, 2, 3, 4].map((priority) => [priority, count(open, (alert) => alert.priority === priority)])
      )
    }
  }
}

/** What a gateway's answers come to: what is wrong, worst first and longest first among equals, and how much there is. */
export const reportOf = (told: Told): Report => {
  const finders = [
    storeFindings,
    configFindings,
    alertFindings,
    channelFindings,
    linkFindings,
    deviceFindings,
    weaknessFindings,
    threatFindings,
    areaFindings,
    doorFindings
  ]
  const found = finders.flatMap((find) => find(told))
  const sorted = found.sort(
    (a, b) =>
      a.rank - b.rank ||
      (a.since ?? "").localeCompare(b.since ?? "") ||
      a.id.localeCompare(b.id, "en", { numeric: true })
  )
  return {
    healthy: sorted.every(({ weight }) => weight === "odd"),
    findings: sorted.map((found) => {
      const { rank: _, ...finding } = found
      return finding
    }),
    granted: grantedOf(told),
    threat: told.threat.level,
    counts: countsOf(told)
  }
}
