import { useEffect, useState, type ReactNode } from "react"
import { api } from "./api.ts"
import type { ChannelTold, Health } from "./health-wire.ts"
import "./health.css"
import type { PageProps } from "./page.ts"
import { addressOf } from "./place.ts"
import type { Device, Instant, Link } from "./wire.ts"
import { ageWords, linkWords } from "./words.ts"

/** How often the gateway is asked while somebody looks. */
const askEveryMs = 10_000

/** A disk with less left than this should be looked after, bytes: a day of a busy campus and its pictures. */
const littleRoom = 2 * 1024 ** 3

/** What there is to say of one thing: never colour alone. */
type Weight = "bad" | "odd" | "calm"

const signs: Record<Weight, string> = { bad: "!!", odd: "!", calm: "✓" }

interface Line {
  readonly key: string
  readonly name: string
  readonly told: ReactNode
  readonly weight: Weight
  /** Sorts lines of one weight. */
  readonly rank: number
}

const bytesWords = (bytes: number): string => {
  const units = ["B", "KB", "MB", "GB", "TB"]
  const power = bytes === 0 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(1024)))
  return `${(bytes / 1024 ** power).toFixed(power < 2 ? 0 : 1)} ${units[power]}`
}

const useHealth = () => {
  const [health, setHealth] = useState<Health | undefined>(undefined)
  const [channels, setChannels] = useState<ReadonlyArray<ChannelTold>>([])
  const [problem, setProblem] = useState<string | undefined>(undefined)
  useEffect(() => {
    let current = true
    const ask = (): void =>
      void Promise.all([api.health(), api.channels()]).then(
        ([told, { items }]) => {
          if (!current) return
          setHealth(told)
          setChannels(items)
          setProblem(undefined)
        },
        (refusal: unknown) => {
          if (current) setProblem(refusal instanceof Error ? refusal.message : String(refusal))
        }
      )
    ask()
    const timer = setInterval(ask, askEveryMs)
    return () => {
      current = false
      clearInterval(timer)
    }
  }, [])
  return { health, channels, problem }
}

const weights: ReadonlyArray<Weight> = ["bad", "odd", "calm"]

const worstFirst = (lines: ReadonlyArray<Line>): ReadonlyArray<Line> =>
  lines.toSorted(
    (a, b) => weights.indexOf(a.weight) - weights.indexOf(b.weight) || a.rank - b.rank || a.name.localeCompare(b.name)
  )

interface PanelProps {
  readonly title: string
  readonly lines: ReadonlyArray<Line>
  readonly empty: string
  readonly tally?: string
}

const Panel = ({ title, lines, empty, tally }: PanelProps) => {
  const id = `health-${title.toLowerCase().replaceAll(" ", "-")}`
  return (
    <section className="panel health-panel" aria-labelledby={id}>
      <header className="panel-head">
        <h2 id={id}>{title}</h2>
        {tally !== undefined && <p className="tally">{tally}</p>}
      </header>
      {lines.length === 0 && <p className="empty">{empty}</p>}
      <ul className="health-lines">
        {worstFirst(lines).map(({ key, name, told, weight }) => (
          <li key={key} className={weight}>
            <span className="sign" aria-hidden="true">
              {signs[weight]}
            </span>
            <span>
              <strong>{name}</strong>
              <span className="health-told">{told}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

const storeLines = ({ store }: Health, clock: (at: Instant) => string): ReadonlyArray<Line> => [
  {
    key: "store",
    name: store.accepting ? "The store keeps" : "The store refuses",
    told: store.accepting
      ? `${store.head.toLocaleString("en")} entries, ${bytesWords(store.logBytes)}; ${store.queued} reports wait`
      : `${store.refusal ?? "nobody knows why"}${store.since === undefined ? "" : `, since ${clock(store.since)}`}`,
    weight: store.accepting ? "calm" : "bad",
    rank: 0
  },
  {
    key: "disk",
    name: "Disk",
    told: store.freeBytes === 0 ? "nobody knows how much is left" : `${bytesWords(store.freeBytes)} left`,
    weight: store.freeBytes < littleRoom ? "odd" : "calm",
    rank: 1
  },
  {
    key: "kept",
    name: "Since the start",
    told: `${store.counts["facts"] ?? 0} facts in ${store.counts["batches"] ?? 0} commits, ${store.counts["duplicates"] ?? 0} repeated, ${store.counts["refused"] ?? 0} refused`,
    weight: (store.counts["refused"] ?? 0) > 0 ? "odd" : "calm",
    rank: 2
  }
]

const gatewayLines = (
  { version, node, startedAt, memoryBytes, stream }: Health,
  nowMs: number
): ReadonlyArray<Line> => [
  { key: "version", name: "Release", told: `Gatehouse ${version} on Node ${node}`, weight: "calm", rank: 0 },
  { key: "up", name: "Running for", told: ageWords(startedAt, nowMs), weight: "calm", rank: 1 },
  { key: "memory", name: "Memory", told: bytesWords(memoryBytes), weight: "calm", rank: 2 },
  {
    key: "stream",
    name: "Consoles and programs listening",
    told: `${stream.clients}${stream.cut === 0 ? "" : `; ${stream.cut} were cut for reading too slowly`}`,
    weight: stream.cut === 0 ? "calm" : "odd",
    rank: 3
  }
]

const configurationLines = ({ configuration: { version, refused = [] } }: Health): ReadonlyArray<Line> => [
  {
    key: "version",
    name: "In force",
    told: version ?? "none yet",
    weight: version === undefined ? "odd" : "calm",
    rank: 1
  },
  ...refused.map(({ file, line, column, message }, nth) => ({
    key: `refused ${nth}`,
    name: "Written, and not in force",
    told: `${file}:${line}:${column} ${message}`,
    weight: "bad" as const,
    rank: nth
  }))
]

const linkWeight = (state: string, weaknesses: number): Weight => {
  if (state === "Rejected" || state === "Offline") return "bad"
  return state === "Online" && weaknesses === 0 ? "calm" : "odd"
}

const countWords = (counts: Readonly<Record<string, number>> = {}): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name.replaceAll("_", " ")} ${count}`)
    .join(", ")

const linkLines = (links: ReadonlyArray<Link>, health: Health | undefined): ReadonlyArray<Line> =>
  links.map((link) => {
    const { state, reason } = linkWords(link)
    const weaknesses = link.weaknesses ?? []
    const counted = countWords(health?.links.find(({ id }) => id === link.id)?.counts)
    return {
      key: link.id,
      name: link.id,
      told: (
        <>
          {state.toLowerCase()}
          {reason === undefined ? "" : ` (${reason})`}
          {weaknesses.map((weakness) => (
            <span key={weakness} className="health-more">
              Not protected: {weakness}
            </span>
          ))}
          {counted !== "" && <span className="hint">{counted}</span>}
        </>
      ),
      weight: linkWeight(state, weaknesses.length),
      rank: 0
    }
  })

const deviceLines = (devices: ReadonlyArray<Device>, nowMs: number): ReadonlyArray<Line> =>
  devices.map(({ id, name, availability, reason, since, link }) => ({
    key: id,
    name: name ?? id,
    told: (
      <>
        {availability}
        {availability === "online" ? "" : ` (${reason})`}
        {since === null ? "" : ` for ${ageWords(since, nowMs)}`} · {link} ·{" "}
        <a href={addressOf("journal", `device=${encodeURIComponent(id)}`)}>
          Journal<span className="unseen"> of {name ?? id}</span>
        </a>
      </>
    ),
    weight: availability === "online" ? "calm" : availability === "offline" ? "bad" : "odd",
    rank: 0
  }))

const clockLines = ({ clocks }: Health, devices: ReadonlyArray<Device>, nowMs: number): ReadonlyArray<Line> =>
  clocks.map(({ device, offsetMs, since }) => ({
    key: device,
    name: devices.find(({ id }) => id === device)?.name ?? device,
    told: `${(Math.abs(offsetMs) / 1000).toFixed(1)} s ${offsetMs < 0 ? "behind" : "ahead"}, for ${ageWords(since, nowMs)}`,
    weight: "odd",
    rank: -Math.abs(offsetMs)
  }))

const channelWeights = { unproved: "odd", working: "calm", failing: "odd", broken: "bad" } as const

const channelLines = (channels: ReadonlyArray<ChannelTold>, nowMs: number): ReadonlyArray<Line> =>
  channels.map(({ id, kind, standing, waiting }) => {
    const state = standing?.state ?? "unproved"
    const success = standing?.lastSuccessAt
    const proved =
      success === undefined ? "it has never taken anything" : `it took something ${ageWords(success, nowMs)} ago`
    const why = state === "working" || standing?.detail === undefined ? "" : ` (${standing.detail})`
    return {
      key: id,
      name: id,
      told: `${kind}: ${state}${why}; ${proved}${waiting === 0 ? "" : `; ${waiting} wait for it`}`,
      weight: channelWeights[state],
      rank: 0
    }
  })

/** How the gateway, its links and its devices fare: what needs a technician stands first. */
export const HealthPage = ({ state, clock, nowMs, hidden }: PageProps) => {
  const { health, channels, problem } = useHealth()
  const { links, devices } = state
  const online = devices.filter(({ availability }) => availability === "online").length
  return (
    <main className="page" hidden={hidden}>
      <h2 className="unseen">Health</h2>
      {problem !== undefined && (
        <p role="alert" className="problem">
          {problem}
        </p>
      )}
      {health === undefined && problem === undefined && <p className="empty">Loading…</p>}
      <div className="health-columns">
        {health !== undefined && (
          <>
            <Panel title="Store" lines={storeLines(health, clock)} empty="" />
            <Panel title="Gateway" lines={gatewayLines(health, nowMs)} empty="" />
            <Panel title="Configuration" lines={configurationLines(health)} empty="" />
            <Panel
              title="Clocks"
              lines={clockLines(health, devices, nowMs)}
              empty="No device’s clock is known to be wrong."
            />
            <Panel
              title="Channels"
              lines={channelLines(channels, nowMs)}
              empty="No channels are configured: alerts reach people at a console only."
            />
          </>
        )}
        <Panel title="Links" lines={linkLines(links, health)} empty="No links are configured." />
        <Panel
          title="Devices"
          tally={`${online} of ${devices.length} online, worst first`}
          lines={deviceLines(devices, nowMs)}
          empty="No devices are configured."
        />
      </div>
    </main>
  )
}
