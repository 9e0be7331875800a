import { createHash } from "node:crypto"
import { Effect } from "effect"
import type { Mapping } from "../../adapters/mqtt/mapping.ts"
import { makeMapping } from "../../adapters/mqtt/normalize.ts"
import { readProfiles } from "../../adapters/mqtt/profiles.ts"
import { speakersOf } from "../../simulators/mqtt/speakers.ts"
import { type Arrival, arrivalsOf, type BrokerKind } from "../../simulators/scenarios/broker.ts"
import { courseOf, greetedBeforeMs } from "../../simulators/scenarios/course.ts"
import { fitsCampus } from "../../simulators/scenarios/fits-campus.ts"
import { endsAtMs, judge, looksAtMs, type Watched } from "../../simulators/scenarios/judge.ts"
import { factOf, NoSuchAlert } from "../../simulators/scenarios/order-facts.ts"
import { ScenarioRefused } from "../../simulators/scenarios/problem.ts"
import { playScenario } from "../../simulators/scenarios/play.ts"
import { readScenarioFile } from "../../simulators/scenarios/read-scenario.ts"
import type { Scenario, Step } from "../../simulators/scenarios/scenario.ts"
import { zoneNamed } from "../correlation/zone.ts"
import type { Campus } from "../domain/campus.ts"
import type { DoorStanding } from "../domain/door.ts"
import type { Fact } from "../domain/fact.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Settings } from "../settings/load-settings.ts"
import { SettingsRefused } from "../settings/settings-refused.ts"
import { CommandFailed } from "./failure.ts"
import { scenarioFiles } from "./scenario-files.ts"
import { ScenarioGateway } from "./scenario-gateway.ts"
import { ScenarioUnplayable } from "./scenario-problem.ts"
import type { Simulate } from "./simulate.ts"
import type { ScenarioOutcome, ScenarioParts } from "./test.ts"

/** Reads a configuration; throws `SettingsRefused`. */
export type ReadSettings = (paths: ReadonlyArray<string>) => Settings

/** A scenario begins then when it does not say: a school day's morning. The same file gives the same result for ever. */
const usualStart = Date.parse("2026-03-02T14:00:00Z")

/** The gateway runs this long before the first step; the devices greet it in between. */
const gatewayBeforeMs = greetedBeforeMs + 1000

const demoCampus = "config/demo"

/** A campus ready to be played: its settings, its one MQTT link and what that link's messages mean. */
export interface Stage {
  readonly settings: Settings
  readonly link: string
  readonly broker: BrokerKind
  readonly mapping: Mapping
}

export const stageOf = (settings: Settings): Stage => {
  const link = settings.links.find(({ adapter }) => adapter === "mqtt")
  if (link === undefined) throw new Error("the campus has no MQTT link, so that its devices cannot be simulated")
  const devices = settings.campus.devices.filter((device) => device.link === link.id && device.disabled !== true)
  const wanted = devices.map(({ profile }) => profile)
  const { profiles, problems } = readProfiles(settings.profilesDirectory, wanted)
  const [problem] = problems
  if (problem !== undefined) throw new Error(`${problem.file}:${problem.line}:${problem.column} ${problem.message}`)
  const broker = (link.settings as { readonly broker?: unknown }).broker === "embedded" ? "embedded" : "outside"
  return {
    settings,
    link: link.id,
    broker,
    mapping: makeMapping(profiles, devices, settings.campus.site.timeZone)
  }
}

const digestOf = (topic: string, payload: string): string =>
  createHash("sha1").update(topic).update("\0").update(payload).digest("base64")

const arrive = (gateway: ScenarioGateway, mapping: Mapping, arrival: Arrival): void => {
  switch (arrival._tag) {
    case "Orders":
      gateway.advance(arrival.at)
      return gateway.enter(factOf(arrival.order, arrival.at, gateway))
    case "GatewayDies":
      return gateway.die(arrival.at)
    case "GatewayBack":
      return gateway.start(arrival.at, arrival.gap)
    case "Message": {
      const { at: receivedAt, topic, payload, retained, packet } = arrival
      const { observations } = mapping.normalize({ topic, payload: Buffer.from(payload), retained, receivedAt })
      if (observations.length === 0) return
      return gateway.report({ observations, receivedAt, delivery: { ...packet, digest: digestOf(topic, payload) } })
    }
  }
}

interface Watch {
  readonly start: EpochMs
  readonly end: EpochMs
  /** When to look at the doors. */
  readonly looks: ReadonlyArray<EpochMs>
}

/** Lets the gateway hear everything that arrives until `end`, and look at its doors at the instants asked for. */
const watch = (
  gateway: ScenarioGateway,
  mapping: Mapping,
  arrivals: ReadonlyArray<Arrival>,
  { start, end, looks }: Watch
): Watched => {
  const stood = new Map<EpochMs, (door: string) => DoorStanding | undefined>()
  let next = 0
  const hearUntil = (at: EpochMs): void => {
    for (let arrival = arrivals[next]; arrival !== undefined && arrival.at <= at; arrival = arrivals[++next])
      arrive(gateway, mapping, arrival)
    gateway.advance(at)
  }
  for (const look of [...looks].sort((a, b) => a - b)) {
    hearUntil(look)
    stood.set(look, gateway.standings())
  }
  hearUntil(end)
  return {
    start,
    alerts: gateway.concluded.flatMap(({ at, decision }) =>
      decision._tag === "Alert" ? [{ at, change: decision.change }] : []
    ),
    events: gateway.concluded.flatMap(({ at, decision }) =>
      decision._tag === "Event" ? [{ at, event: decision.event }] : []
    ),
    standing: (door, at) => stood.get(at)?.(door)
  }
}

/** What is to happen on a stage, and until when it is watched. Times count from the start. */
export interface Rehearsal {
  readonly steps: ReadonlyArray<Step>
  readonly endMs: number
  /** When to look at the doors. */
  readonly looksMs?: ReadonlyArray<number>
  readonly broker?: BrokerKind | undefined
  /** The instant that times count from; a school day's morning when it is left out. */
  readonly start?: EpochMs
  /** Told of each fact that the gateway keeps. */
  readonly kept?: (fact: Fact) => void
}

/** Lets a fresh gateway hear the steps of a fresh campus on virtual time. */
export const rehearse = (
  stage: Stage,
  { steps, endMs, looksMs = [], broker = stage.broker, start = usualStart, kept }: Rehearsal
): Watched => {
  const { campus, configVersion } = stage.settings
  const course = courseOf({ campus, speakers: speakersOf(campus), steps, start })
  const arrivals = arrivalsOf(course, broker, start - gatewayBeforeMs)
  const gateway = new ScenarioGateway({ campus, configVersion, link: stage.link, kept })
  const looks = looksMs.map((ms) => start + ms)
  return watch(gateway, stage.mapping, arrivals, { start, end: start + endMs, looks })
}

const refuseMisfits = (scenario: Scenario, campus: Campus, broker: BrokerKind): void => {
  const faults = fitsCampus(scenario, { campus, speakers: speakersOf(campus), broker })
  if (faults.length > 0) throw new ScenarioUnplayable(faults)
}

const startOf = ({ starts }: Scenario, { site }: Campus): EpochMs =>
  starts === undefined ? usualStart : zoneNamed(site.timeZone).firstAt(Date.parse(`${starts}Z`))

/** An officer's word that finds nothing to be said of is a fault of the scenario's course, and shown at its line. */
const judgedOrMisfit = (judged: () => ReadonlyArray<string>): ReadonlyArray<string> => {
  try {
    return judged()
  } catch (cause) {
    if (!(cause instanceof NoSuchAlert)) throw cause
    const { file, line, column } = cause.order.where.subject
    return [`${file}:${line}:${column} ${cause.message}`]
  }
}

const perform = (scenario: Scenario, stage: Stage): ScenarioOutcome => {
  const broker = scenario.broker ?? stage.broker
  refuseMisfits(scenario, stage.settings.campus, broker)
  const { campus } = stage.settings
  const rehearsal = {
    steps: scenario.steps,
    endMs: endsAtMs(scenario),
    looksMs: looksAtMs(scenario),
    broker,
    start: startOf(scenario, campus)
  }
  const problems = judgedOrMisfit(() => judge(scenario, rehearse(stage, rehearsal)))
  return { name: scenario.name, passed: problems.length === 0, problems }
}

const readOrExplain = (file: string): Scenario => {
  try {
    return readScenarioFile(file)
  } catch (cause) {
    if (cause instanceof ScenarioRefused) throw new ScenarioUnplayable(cause.problems)
    throw new Error(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

const settingsOf = (read: ReadSettings, campus: string): Settings => {
  try {
    return read([campus])
  } catch (cause) {
    if (!(cause instanceof SettingsRefused)) throw cause
    throw new Error(`the campus ${campus} has errors:\n${cause.message}`, { cause })
  }
}

/**
 * Runs scenario files on virtual time: the world's devices in their own dialects, the MQTT adapter's real mapping,
 * intake's clocks and the real fold; no socket, no store, no sleep. `read` gives a campus's settings.
 */
export const scenarioParts = (read: ReadSettings): ScenarioParts => {
  const stages = new Map<string, Stage>()
  const stage = (campus: string): Stage => {
    const known = stages.get(campus) ?? stageOf(settingsOf(read, campus))
    stages.set(campus, known)
    return known
  }
  return {
    run: (file) => {
      const scenario = readOrExplain(file)
      return [perform(scenario, stage(scenario.campus ?? demoCampus))]
    },
    files: scenarioFiles
  }
}

/** Plays a scenario file's steps in real time against a running broker. `read` gives the campus's settings. */
export const simulate =
  (read: ReadSettings): Simulate =>
  ({ scenario: file, config, url, username, password, onStep }) =>
    Effect.try({
      try: () => {
        const scenario = readOrExplain(file)
        const { campus } = settingsOf(read, config ?? scenario.campus ?? demoCampus)
        // Whatever broker it is, it is there: nothing that it cannot do is asked of it.
        refuseMisfits(scenario, campus, "outside")
        return { scenario, campus }
      },
      catch: (cause) =>
        new CommandFailed({
          exitCode: 1,
          reason: cause instanceof Error ? cause.message : String(cause),
          next: `npm run gatehouse -- test ${file}`
        })
    }).pipe(
      Effect.flatMap(({ scenario, campus }) => playScenario(scenario, { campus, url, username, password, onStep }))
    )
