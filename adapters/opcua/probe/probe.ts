import { Effect, Result, type Scope } from "effect"
import type { Device } from "../../../gateway/domain/campus.ts"
import type { EpochMs } from "../../../gateway/domain/ids.ts"
import { loadLibrary } from "../session/library.ts"
import { makeOpcuaMapping, type OpcuaMapping } from "../mapping/normalize.ts"
import { commandsStep, lookAtNodes, namespacesStep } from "./probe-nodes.ts"
import { certificateStep, endpointsStep, ownCertificates, trustStep } from "./probe-outside.ts"
import { findName, reach } from "../../probing/reach.ts"
import { placeOf } from "./probe-reach.ts"
import { askServer, channelStep, clockStep, serverStep, sessionStep, userProblem } from "./probe-session.ts"
import { failed, type StepFailed } from "../../probing/steps.ts"
import { type ProbeSteps, probeSteps, type Step } from "./probe-step.ts"
import { conditionsStep, eventsStep, subscriptionStep, valuesStep } from "./probe-subscription.ts"
import type { OpcuaProfile } from "../mapping/profile.ts"
import { readOpcuaProfiles } from "../mapping/profiles.ts"
import type { Live } from "../session/session.ts"
import type { OpcuaSettings } from "../settings.ts"
import { makeTypeChains } from "../nodes/type-chains.ts"

/** A device to be looked at, as the configuration has it. */
export interface ProbeOptions {
  readonly settings: OpcuaSettings
  readonly device: Device
  readonly profilesDirectory: string
  readonly timeZone: string
  readonly now: () => EpochMs
  /** Told of each step as it ends. */
  readonly tell: (step: Step) => void
}

interface Meant {
  readonly profile: OpcuaProfile
  readonly mapping: OpcuaMapping
}

const putRight = "put it right, and look by gatehouse check"

/** What the configuration says of the device; what is wrong with it is told as a step. */
const meantBy = ({
  settings,
  device,
  profilesDirectory: directory,
  timeZone
}: ProbeOptions): Effect.Effect<Meant, StepFailed> =>
  Effect.gen(function* () {
    const { profiles } = yield* Effect.try({
      try: () => readOpcuaProfiles(directory, [device.profile]),
      catch: (cause) =>
        failed(
          `the profiles in ${directory} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
          putRight
        )
    })
    const profile = profiles.find(({ name }) => name === device.profile)
    if (profile === undefined) return yield* failed(`there is no usable OPC UA profile "${device.profile}"`, putRight)
    const mapping = makeOpcuaMapping(profile, device, { timeZone, severity: settings.severity })
    const [problem] = mapping.problems
    if (problem !== undefined) return yield* failed(problem, putRight)
    const user = userProblem(settings)
    if (user !== undefined) return yield* user
    return { profile, mapping }
  })

/** What the device is heard by, on a session that is open. */
const lookInside = Effect.fnUntraced(function* (
  steps: ProbeSteps,
  live: Live,
  { profile, mapping }: Meant,
  { settings, now }: ProbeOptions
): Effect.fn.Return<void, StepFailed, Scope.Scope> {
  const told = yield* steps.run(
    "server",
    Effect.flatMap(askServer(live, now), (one) => Effect.map(serverStep(one), (found) => ({ ...found, value: one })))
  )
  yield* steps.run("clock", clockStep(told))
  yield* steps.run("namespaces", namespacesStep(live, mapping, profile))
  const chains = makeTypeChains(live)
  const looking = lookAtNodes(live, chains, mapping).pipe(
    Effect.flatMap((found) =>
      // Of a part that is there the rest can be looked at all the same.
      found.value.failure === undefined ? Effect.succeed(found) : Effect.fail(found.value.failure)
    )
  )
  const nodes = yield* Effect.result(steps.run("nodes", looking))
  if (Result.isFailure(nodes) && !isPartly(nodes.failure)) return yield* nodes.failure
  const probing = yield* steps.run("subscription", subscriptionStep(live, chains, mapping, settings))
  const points = yield* steps.run("values", valuesStep(probing, mapping, now))
  yield* Effect.result(steps.run("events", eventsStep(probing, mapping, settings)))
  yield* steps.run("conditions", conditionsStep(probing, profile))
  yield* steps.run("commands", commandsStep(live, mapping, points))
})

const isPartly = ({ facts }: StepFailed): boolean => {
  const sources = facts?.["sources"] as
    | ReadonlyArray<{ readonly nodes: ReadonlyArray<{ problem: string | null }> }>
    | undefined
  return sources?.some(({ nodes }) => nodes.some(({ problem }) => problem === null)) === true
}

const walk = Effect.fnUntraced(function* (
  steps: ProbeSteps,
  options: ProbeOptions
): Effect.fn.Return<void, StepFailed, Scope.Scope> {
  const { settings, now } = options
  const meant = yield* meantBy(options).pipe(
    Effect.tapError((failure) => Effect.ignore(steps.run("settings", failure)))
  )
  const place = placeOf(settings.endpoint)
  yield* steps.run("name", findName(place))
  yield* steps.run("connection", reach(place))
  const library = yield* loadLibrary
  const certificates = yield* ownCertificates(library, settings).pipe(
    Effect.tapError((failure) => Effect.ignore(steps.run("settings", failure)))
  )
  const offered = yield* steps.run("endpoints", endpointsStep(library, certificates, settings))
  const certificate = yield* steps.run("certificate", certificateStep(offered, settings, now()))
  yield* steps.run("trust", trustStep(certificates, certificate, offered, settings, now()))
  const connection = yield* steps.run("channel", channelStep(library, settings, certificates, offered.certificate))
  const live = yield* steps.run("session", sessionStep(connection, settings))
  yield* lookInside(steps, live, meant, options)
})

/**
 * Looks at a device step by step, as its link comes to hear it: the server's name, a connection, what it offers, its
 * certificate and whether that is trusted, channel and session, its clock, each node of the device's profile, a
 * subscription with the first values, events and conditions. Each step is told as it ends, those that were not come to as
 * left out. Session and subscription are the probe's own, and are ended; no command is given.
 */
export const probeDevice = (options: ProbeOptions): Effect.Effect<void> => {
  const steps = probeSteps(options.tell)
  return Effect.scoped(walk(steps, options)).pipe(
    Effect.catch(() => Effect.void),
    Effect.tap(() => Effect.sync(steps.leaveOutRest)),
    Effect.asVoid
  )
}
