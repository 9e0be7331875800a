import { Effect, Result, Semaphore } from "effect"
import onvif from "onvif"
import { type Answer, CallFailed, type Connection } from "../wire/connection.ts"
import { attributeOf, descendantOf, escapeXml } from "../wire/xml.ts"
import type { XmlElement } from "../wire/xml-element.ts"

/** What the library hands to its callbacks. */
type Done<A> = (error: Error | null | false, value?: A) => void

interface LibraryRequest {
  /** A whole SOAP envelope. */
  readonly body: string
  /** Which of the device's services it is for; absent: the device service. */
  readonly service?: string
}

/**
 * The parts of npm onvif 0.8.3 that are used. `_request` and `uri` are not of its public face: the version is pinned,
 * and a test fails when they work otherwise.
 */
interface Cam {
  _request: (options: LibraryRequest, callback: (error: Error | null, data: unknown, xml?: string) => void) => void
  readonly uri?: Readonly<Record<string, { readonly href: string } | undefined>>
  readonly profiles?: ReadonlyArray<{ readonly $?: { readonly token?: unknown } }>
  readonly activeSource?: { readonly profileToken?: unknown }
  media2Support?: boolean
  getServices: (includeCapability: boolean, callback: Done<unknown>) => void
  getCapabilities: (callback: Done<unknown>) => void
  getDeviceInformation: (callback: Done<unknown>) => void
  getProfiles: (callback: Done<unknown>) => void
  getVideoSources: (callback: Done<unknown>) => void
  getActiveSources: () => void
  getSnapshotUri: (options: { readonly profileToken: string }, callback: Done<{ readonly uri?: unknown }>) => void
}

/** A device's services: the advertised address of each, by the library's name for it. */
export type Services = ReadonlyMap<string, string>

/** The device about itself, each value as it was sent. */
export interface DeviceInformation {
  readonly manufacturer: string
  readonly model: string
  readonly firmwareVersion: string
  readonly serialNumber: string
}

/**
 * What npm onvif knows of devices and their media services. It builds the requests and knows the quirks of Media and
 * Media2; every byte goes through our connection, so that authentication, TLS, limits and the XML parser are ours. Its
 * event loop is not used.
 */
export interface Library {
  readonly services: Effect.Effect<Services, CallFailed>
  readonly information: Effect.Effect<DeviceInformation, CallFailed>
  /** Advertised address of the picture of a media profile; without a token, that of the device's first video source. */
  readonly snapshotUri: (profileToken: string | undefined) => Effect.Effect<string, CallFailed>
}

export interface LibraryOptions {
  readonly connection: Connection
  readonly deviceUrl: URL
  /** Where to go for an advertised address; `undefined` when it is none. */
  readonly reachable: (advertised: string) => string | undefined
  /** For one request. */
  readonly timeoutMs: number
}

/** No call of the library makes more requests. */
const requestsMax = 8

/** The library's spelling of a name: a lower-case first letter, unless the second is upper-case too. */
const spelled = (name: string): string => {
  const second = name.charAt(1)
  return second !== "" && second.toUpperCase() !== second ? name.charAt(0).toLowerCase() + name.slice(1) : name
}

/** An element in the form of xml2js, which the library reads: arrays of children by name, `$` attributes, `_` text. */
const asXml2js = (element: XmlElement): unknown => {
  if (element.children.length === 0 && element.attributes.length === 0) return element.text
  const made: Record<string, unknown> = {}
  if (element.attributes.length > 0) {
    made["$"] = Object.fromEntries(element.attributes.map(({ name, value }) => [name, value]))
  }
  if (element.text.trim() !== "") made["_"] = element.text
  for (const child of element.children) {
    const name = spelled(child.name)
    if (name === "__proto__") continue
    const siblings = made[name]
    if (Array.isArray(siblings)) siblings.push(asXml2js(child))
    else made[name] = [asXml2js(child)]
  }
  return made
}

const soapBody = /<s:Body[^>]*>([\s\S]*)<\/s:Body>/
const firstElement = /<([A-Za-z]+)[^>]*?\sxmlns="([^"]+)"/

/** What the library would send, taken out of its envelope; the action is the one that the WSDLs name. */
const callOf = ({ body }: LibraryRequest): { readonly body: string; readonly action: string } | undefined => {
  const inside = soapBody.exec(body)?.[1]
  const [, name, namespace] = firstElement.exec(inside ?? "") ?? []
  return inside === undefined || name === undefined ? undefined : { body: inside, action: `${namespace}/${name}` }
}

const stumbled = (cause: unknown): CallFailed =>
  new CallFailed({
    kind: "unreadable",
    reason: `the answer is not what the library expects: ${cause instanceof Error ? cause.message : String(cause)}`
  })

const makeCam = (): Cam => {
  // No user name: who we are is the connection's business. No connecting: it would open sockets of its own.
  const cam = new onvif.Cam({ hostname: "device", autoconnect: false, useWSSecurity: false })
  return cam as unknown as Cam
}

/** The device is there and lets us in: another question may be answered. */
const isAnswered = ({ kind }: CallFailed): boolean => kind === "fault" || kind === "http" || kind === "unreadable"

const textOf = (element: XmlElement | undefined, name: string): string => descendantOf(element, name)?.text.trim() ?? ""

const tokenOf = (element: XmlElement): string => attributeOf(element, "token") ?? ""

/** The library, for one device. Calls are made one at a time. */
export const makeLibrary = Effect.fnUntraced(function* (options: LibraryOptions) {
  const { connection, deviceUrl, reachable, timeoutMs } = options
  const oneAtATime = yield* Semaphore.make(1)
  const cam = makeCam()
  let newest: Answer | undefined

  const urlFor = ({ service }: LibraryRequest): string | undefined => {
    if (service === undefined) return deviceUrl.href
    const advertised = cam.uri?.[service]?.href
    return advertised === undefined ? undefined : reachable(advertised)
  }

  const send = (request: LibraryRequest): Effect.Effect<Answer, CallFailed> => {
    const call = callOf(request)
    const url = urlFor(request)
    if (call === undefined) return Effect.fail(stumbled("it makes its requests otherwise"))
    if (url === undefined) {
      return Effect.fail(new CallFailed({ kind: "http", reason: `the device has no ${request.service} service` }))
    }
    return connection.call({ ...call, url, timeoutMs })
  }

  /** Runs one call: what the library wants to send is sent, and what came is handed to it, until it is done. */
  const run = <A>(begin: (done: Done<A>) => void): Effect.Effect<A | undefined, CallFailed> =>
    Effect.gen(function* () {
      const wanted: Array<Parameters<Cam["_request"]>> = []
      let outcome: Result.Result<A | undefined, CallFailed> | undefined
      let failure: CallFailed | undefined
      // The library throws from inside its callbacks.
      const guarded = (work: () => void): void => {
        try {
          work()
        } catch (cause) {
          outcome ??= Result.fail(failure ?? stumbled(cause))
        }
      }
      cam._request = (request, callback) => void wanted.push([request, callback])
      guarded(() =>
        begin((error, value) => {
          const failed = error !== null && error !== false && error !== undefined
          outcome ??= failed ? Result.fail(failure ?? stumbled(error)) : Result.succeed(value)
        })
      )
      for (let nth = 0; outcome === undefined && nth < requestsMax; nth++) {
        const next = wanted.shift()
        if (next === undefined) break
        const [request, callback] = next
        const answer = yield* Effect.result(send(request))
        newest = Result.isSuccess(answer) ? answer.success : newest
        failure = Result.isFailure(answer) ? answer.failure : undefined
        guarded(() =>
          Result.isSuccess(answer)
            ? callback(null, [{ [spelled(answer.success.body.name)]: [asXml2js(answer.success.body)] }], "")
            : callback(answer.failure, null, "")
        )
      }
      return yield* outcome === undefined ? stumbled("it does not go on") : Effect.fromResult(outcome)
    }).pipe(Semaphore.withPermit(oneAtATime))

  const services = run((done) => cam.getServices(true, done)).pipe(
    // Before ONVIF 2.0 there was GetCapabilities only.
    Effect.catchIf(isAnswered, () => run((done) => cam.getCapabilities(done))),
    Effect.map((): Services => {
      const found = Object.entries(cam.uri ?? {})
      return new Map(found.flatMap(([name, address]) => (address == null ? [] : [[name, address.href]])))
    })
  )

  const information = run((done) => cam.getDeviceInformation(done)).pipe(
    // Its own reading turns a serial number into a number and a firmware 1.10 into 1.1.
    Effect.map((): DeviceInformation => ({
      manufacturer: textOf(newest?.body, "Manufacturer"),
      model: textOf(newest?.body, "Model"),
      firmwareVersion: textOf(newest?.body, "FirmwareVersion"),
      serialNumber: textOf(newest?.body, "SerialNumber")
    }))
  )

  /** Some devices have a Media2 service that only faults, or answers with what is not Media2's. */
  const profiles = run((done) => cam.getProfiles(done)).pipe(
    Effect.catchIf(
      (failure) => isAnswered(failure) && cam.media2Support === true,
      () => {
        cam.media2Support = false
        return run((done) => cam.getProfiles(done))
      }
    ),
    // The library reads a token of digits as a number: the one that was sent stands at the same place.
    Effect.map(() => newest?.body.children.filter(({ name }) => name === "Profiles").map(tokenOf) ?? [])
  )

  const chosenProfile = Effect.gen(function* () {
    const tokens = yield* profiles
    yield* Effect.ignore(run((done) => cam.getVideoSources(done)))
    yield* Effect.ignore(Effect.try({ try: () => cam.getActiveSources(), catch: stumbled }))
    const active = cam.profiles?.findIndex(({ $ }) => $?.token === cam.activeSource?.profileToken) ?? 0
    const token = tokens[Math.max(0, active)]
    return token ?? (yield* new CallFailed({ kind: "http", reason: "the device has no media profile" }))
  })

  const snapshotUri = (profileToken: string | undefined) =>
    Effect.gen(function* () {
      const token = escapeXml(profileToken ?? (yield* chosenProfile))
      const found = yield* run<{ readonly uri?: unknown }>((done) => cam.getSnapshotUri({ profileToken: token }, done))
      if (typeof found?.uri === "string" && found.uri !== "") return found.uri
      return yield* new CallFailed({ kind: "unreadable", reason: "the device tells no address for its picture" })
    })

  return { services, information, snapshotUri } satisfies Library
})
