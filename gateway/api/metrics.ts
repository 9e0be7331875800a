import { HashMap } from "effect"
import type { Sources } from "./sources.ts"

interface Sample {
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}

const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")

const lineOf = (name: string, { labels = {}, value }: Sample): string => {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`
}

const family = (
  name: string,
  type: "gauge" | "counter",
  description: string,
  samples: ReadonlyArray<Sample>
): ReadonlyArray<string> => [
  `# HELP ${name} ${description}`,
  `# TYPE ${name} ${type}`,
  ...samples.map((sample) => lineOf(name, sample))
]

const linkStates = ["Connecting", "Online", "Offline", "Rejected", "Stopped"] as const

const openAlerts = (sources: Sources): ReadonlyArray<Sample> => {
  const alerts = Array.from(HashMap.values(sources.intake.situation().alerts))
  return [1, 2, 3, 4].map((priority) => ({
    labels: { priority: String(priority) },
    value: alerts.filter((alert) => alert.priority === priority).length
  }))
}

const shelvedAlerts = (sources: Sources): ReadonlyArray<Sample> => {
  const alerts = Array.from(HashMap.values(sources.intake.situation().alerts))
  return [{ value: alerts.filter(({ shelved }) => shelved !== undefined).length }]
}

const gapsBySeverity = (sources: Sources): ReadonlyArray<Sample> => {
  const gaps = sources.gaps.list()
  return [1, 2, 3, 4].map((severity) => ({
    labels: { severity: String(severity) },
    value: gaps.filter((gap) => gap.severity === severity).length
  }))
}

const evidence = (sources: Sources): ReadonlyArray<string> => {
  const { stills, stillBytes, stillBytesMax, expired, ...counts } = sources.evidence.counts()
  const frames = [
    { labels: { outcome: "kept" }, value: counts.kept },
    { labels: { outcome: "missing" }, value: counts.missing }
  ]
  return [
    ...family("gatehouse_camera_stills", "gauge", "Pictures of cameras in memory", [{ value: stills }]),
    ...family("gatehouse_camera_still_bytes", "gauge", "Bytes of the pictures in memory", [{ value: stillBytes }]),
    ...family("gatehouse_camera_still_bytes_max", "gauge", "What these bytes may be at most", [
      { value: stillBytesMax }
    ]),
    ...family("gatehouse_camera_stills_evicted_total", "counter", "Pictures that left early for lack of room", [
      { value: counts.evicted }
    ]),
    ...family("gatehouse_camera_polls_total", "counter", "Pictures asked of cameras that doors name", [
      { value: counts.polls }
    ]),
    ...family("gatehouse_camera_polls_failed_total", "counter", "Of these, how many did not come", [
      { value: counts.pollsFailed }
    ]),
    ...family("gatehouse_evidence_frames_total", "counter", "Frames of alerts, by what became of them", frames),
    ...family("gatehouse_evidence_expired_total", "counter", "Pictures removed because their time was over", [
      { value: expired }
    ])
  ]
}

/** The gateway's numbers in the Prometheus text format, version 0.0.4. */
export const metricsText = (sources: Sources): string => {
  const status = sources.intake.status()
  const links = Array.from(sources.links.states())
  const samplesOf = (told: ReadonlyMap<string, Readonly<Record<string, number>>>) =>
    Array.from(told).flatMap(([link, values]) =>
      Object.entries(values).map(([name, value]) => ({ labels: { link, name }, value }))
    )
  const counted = Object.entries(status.counts).flatMap(([name, value]) =>
    family(`gatehouse_intake_${name}_total`, "counter", `Intake: ${name} since the start`, [{ value }])
  )
  return [
    ...family("gatehouse_log_head", "gauge", "Position of the newest log entry", [{ value: sources.log.head() }]),
    ...family("gatehouse_intake_accepting", "gauge", "1 while the store keeps what comes in", [
      { value: status.accepting ? 1 : 0 }
    ]),
    ...family("gatehouse_intake_queued", "gauge", "Reports that wait to be committed", [{ value: status.queued }]),
    ...counted,
    ...family("gatehouse_alerts_open", "gauge", "Alerts not yet closed, by priority", openAlerts(sources)),
    ...family("gatehouse_alerts_shelved", "gauge", "Those of them that are shelved", shelvedAlerts(sources)),
    ...family("gatehouse_gaps", "gauge", "What is not protected now, by severity", gapsBySeverity(sources)),
    ...family(
      "gatehouse_links",
      "gauge",
      "Links by state",
      linkStates.map((state) => ({
        labels: { state },
        value: links.filter(([, link]) => link._tag === state).length
      }))
    ),
    ...family(
      "gatehouse_link_events_total",
      "counter",
      "What each link counts, since the start",
      samplesOf(sources.links.counts())
    ),
    ...family(
      "gatehouse_link_granted",
      "gauge",
      "What the other side of a link grants",
      samplesOf(sources.links.granted())
    ),
    ...family(
      "gatehouse_link_weaknesses",
      "gauge",
      "What each link leaves unprotected by its settings",
      links.map(([link]) => ({ labels: { link }, value: sources.weaknesses().get(link)?.length ?? 0 }))
    ),
    ...evidence(sources),
    ...family("gatehouse_stream_clients", "gauge", "Clients of the entry stream", [
      { value: sources.stream.clients() }
    ]),
    ...family("gatehouse_stream_cut_total", "counter", "Stream clients cut for reading too slowly", [
      { value: sources.stream.cut() }
    ]),
    ...family("process_resident_memory_bytes", "gauge", "Resident memory of the process", [
      { value: process.memoryUsage.rss() }
    ]),
    ""
  ].join("\n")
}
