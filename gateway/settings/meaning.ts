import type { Device } from "../domain/campus.ts"
import { defaultDoorTimes } from "../domain/door.ts"
import { camerasMax } from "../domain/evidence.ts"
import { checkArming } from "./arming-rules.ts"
import { checkFlood } from "./flood-rules.ts"
import { hint } from "./did-you-mean.ts"
import { pointFault, type ProfilePoint, type WrittenDevice } from "./known-points.ts"
import type { Problem } from "./problem.ts"
import { checkPeople } from "./people-rules.ts"
import { checkProcedures } from "./procedure-rules.ts"
import { checkPlans } from "./plan-rules.ts"
import { idsOf, isRaw, itemsOf, type Key, mapsOf, type Raw, type Refer, type Wrong } from "./raw.ts"
import { checkSchedules, scheduleRefsOf } from "./schedule-rules.ts"
import type { Sources } from "./sources.ts"

/** What exists beside the configuration itself. */
export interface Known {
  readonly profiles: ReadonlyArray<string>
  readonly points: ReadonlyMap<string, ReadonlyArray<ProfilePoint>>
  readonly adapters: ReadonlyArray<string>
  /** Those adapters whose devices may have conditions of their own. */
  readonly withConditions: ReadonlyArray<string>
  /** The protocol that a profile is written for. */
  readonly protocols: ReadonlyMap<string, string>
  readonly parameterProblems: (
    device: Device
  ) => ReadonlyArray<{ readonly parameter: string; readonly message: string }>
}

const singular: Readonly<Record<string, string>> = {
  areas: "area",
  devices: "device",
  doors: "door",
  cameras: "camera",
  schedules: "schedule",
  calendars: "calendar",
  people: "person",
  procedures: "procedure",
  plans: "plan",
  links: "link"
}

/** The rules no schema can hold: references, duplicates, times that contradict each other. Looks at the raw value, so that one wrong key does not hide the rest. */
export const checkMeaning = (sources: Sources, known: Known): ReadonlyArray<Problem> => {
  const problems: Array<Problem> = []
  const value: Raw = sources.value
  const wrong: Wrong = (path, message, at, severity) => void problems.push(sources.problem(path, message, at, severity))
  const refer = (path: ReadonlyArray<Key>, reference: unknown, what: string, names: ReadonlyArray<string>) => {
    if (typeof reference === "string" && !names.includes(reference))
      wrong(path, `there is no ${what} "${reference}"${hint(reference, names)}`)
  }

  const lists = ["areas", "devices", "doors", "cameras", "schedules", "calendars", "people", "procedures", "plans"]
  for (const section of lists) checkTwice(value, section, wrong)
  checkSite(value, wrong)
  // The line of a secret is not shown: what is printed ends up in other people's logs.
  const hush: Wrong = (path, message) => void problems.push({ ...sources.problem(path, message), frame: [] })
  checkLinks(value, known, refer, wrong, hush)
  checkAreas(value, refer, wrong)
  checkDevices(value, known, refer, wrong)
  for (const [index, camera] of itemsOf(value, "cameras")) {
    refer(["cameras", index, "area"], camera["area"], "area", idsOf(value, "areas"))
    refer(["cameras", index, "device"], camera["device"], "device", idsOf(value, "devices"))
    if (camera["frames"] !== undefined && camera["device"] === undefined)
      wrong(
        ["cameras", index, "frames"],
        `camera "${String(camera["id"])}" has frames but no device to fetch them from; add device or remove frames`,
        "key"
      )
  }
  checkDoors(value, known, refer, wrong)
  checkSchedules(value, refer, wrong)
  checkArming(value, refer, wrong)
  checkFlood(value, wrong)
  checkPeople(value, refer, wrong)
  checkProcedures(value, refer, wrong)
  checkPlans(value, refer, wrong)
  for (const [index, schedule] of itemsOf(value, "schedules"))
    checkZone(["schedules", index, "timeZone"], schedule["timeZone"], wrong)
  return problems
}

const checkTwice = (value: Raw, section: string, wrong: Wrong): void => {
  const seen = new Set<string>()
  for (const [index, item] of itemsOf(value, section)) {
    const id = item["id"]
    if (typeof id !== "string") continue
    if (seen.has(id))
      wrong([section, index, "id"], `${singular[section]} "${id}" is there twice; each id must be unique`)
    seen.add(id)
  }
}

const isTimeZone = (zone: string): boolean => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).format(0) !== ""
  } catch {
    return false
  }
}

const checkZone = (path: ReadonlyArray<Key>, zone: unknown, wrong: Wrong): void => {
  if (typeof zone !== "string" || zone === "" || isTimeZone(zone)) return
  wrong(
    path,
    `"${zone}" is not a time zone${hint(zone, ["UTC", ...Intl.supportedValuesOf("timeZone")])}; expected an IANA name such as "Europe/Berlin"`
  )
}

const checkSite = (value: Raw, wrong: Wrong): void => {
  if (isRaw(value["site"])) checkZone(["site", "timeZone"], value["site"]["timeZone"], wrong)
}

const secretKey = /password|passphrase|secret|token/i

/** Secrets stand in the environment or in a file of their own, never in the configuration. */
const checkSecrets = (path: ReadonlyArray<Key>, value: unknown, wrong: Wrong): void => {
  if (Array.isArray(value)) value.forEach((item, index) => checkSecrets([...path, index], item, wrong))
  if (!isRaw(value)) return
  for (const [key, item] of Object.entries(value)) {
    if (secretKey.test(key) && (typeof item === "string" || typeof item === "number"))
      wrong([...path, key], `${key} must not stand here; write { env: NAME } or { file: path }`)
    else checkSecrets([...path, key], item, wrong)
  }
}

const checkLinks = (value: Raw, known: Known, refer: Refer, wrong: Wrong, hush: Wrong): void => {
  if (!isRaw(value["links"])) return
  for (const [id, link] of Object.entries(value["links"])) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(id))
      wrong(
        ["links", id],
        `"${id}" is not a link id: letters, digits, ".", "_" and "-", at most 64, such as "mqtt"`,
        "key"
      )
    if (!isRaw(link)) continue
    refer(["links", id, "adapter"], link["adapter"], "adapter", known.adapters)
    checkSecrets(["links", id, "settings"], link["settings"], hush)
  }
}

const checkAreas = (value: Raw, refer: Refer, wrong: Wrong): void => {
  const parents = new Map<string, string>()
  for (const [, area] of itemsOf(value, "areas"))
    if (typeof area["id"] === "string" && typeof area["in"] === "string") parents.set(area["id"], area["in"])
  for (const [index, area] of itemsOf(value, "areas")) {
    refer(["areas", index, "in"], area["in"], "area", idsOf(value, "areas"))
    const seen = new Set<string>()
    let here: string | undefined = String(area["id"])
    while (here !== undefined && !seen.has(here)) {
      seen.add(here)
      here = parents.get(here)
    }
    if (here !== undefined && here === area["id"]) wrong(["areas", index, "in"], `area "${here}" lies in itself`)
  }
}

/** What a device of this link is spoken to with. */
const adapterOf = (value: Raw, device: Raw): unknown => {
  const links = value["links"]
  const link = isRaw(links) ? links[String(device["link"])] : undefined
  return isRaw(link) ? link["adapter"] : undefined
}

/** Whether the profile is written for what its link speaks, and the parameters are the profile's. */
const checkProfile = (value: Raw, index: number, device: Raw, known: Known, wrong: Wrong): void => {
  const profile = String(device["profile"])
  const spoken = adapterOf(value, device)
  const written = known.protocols.get(profile)
  if (typeof spoken === "string" && written !== undefined && written !== spoken && known.adapters.includes(spoken))
    wrong(
      ["devices", index, "profile"],
      `the profile "${profile}" is written for ${written}, and link "${String(device["link"])}" speaks ${spoken}; choose another profile or link`
    )
  const { parameters = {}, address } = device
  // What is not even text has its own problem already.
  if (!isRaw(parameters) || ![address, ...Object.values(parameters)].every((one) => typeof one === "string")) return
  for (const { parameter, message } of known.parameterProblems(device as unknown as Device)) {
    if (parameter in parameters) wrong(["devices", index, "parameters", parameter], message, "key")
    else wrong(["devices", index, "address"], message)
  }
}

/** What of officers' acts goes back to a device's conditions, and what they are to do with them. */
const writtenBack = { acknowledge: "to acknowledge", comments: "to comment on", shelving: "to shelve" } as const

/** Whether what goes back to the device has anywhere to go there. */
const checkWriteBack = (value: Raw, index: number, device: Raw, known: Known, wrong: Wrong): void => {
  const adapter = adapterOf(value, device)
  if (typeof adapter !== "string" || !known.adapters.includes(adapter) || known.withConditions.includes(adapter)) return
  for (const [key, what] of Object.entries(writtenBack)) {
    if (device[key] === undefined) continue
    wrong(
      ["devices", index, key],
      `link "${String(device["link"])}" speaks ${adapter}, whose devices have no conditions ${what}; remove ${key}`,
      "key"
    )
  }
}

const checkDevices = (value: Raw, known: Known, refer: Refer, wrong: Wrong): void => {
  const links = isRaw(value["links"]) ? Object.keys(value["links"]) : []
  const addresses = new Map<string, string>()
  for (const [index, device] of itemsOf(value, "devices")) {
    refer(["devices", index, "link"], device["link"], "link", links)
    refer(["devices", index, "profile"], device["profile"], "profile", known.profiles)
    refer(["devices", index, "area"], device["area"], "area", idsOf(value, "areas"))
    refer(["devices", index, "via"], device["via"], "device", idsOf(value, "devices"))
    if (device["via"] !== undefined && device["via"] === device["id"])
      wrong(["devices", index, "via"], "a device cannot be behind itself")
    checkZone(["devices", index, "timeZone"], device["timeZone"], wrong)
    checkProfile(value, index, device, known, wrong)
    checkWriteBack(value, index, device, known, wrong)
    const grace = device["offlineGraceSeconds"]
    if (typeof grace === "number" && (grace < 0 || grace > 86_400))
      wrong(["devices", index, "offlineGraceSeconds"], `offlineGraceSeconds must be between 0 and 86400 (is ${grace})`)
    const address = `${String(device["link"])} ${String(device["profile"])} ${String(device["address"])}`
    const other = addresses.get(address)
    if (other !== undefined && typeof device["address"] === "string")
      wrong(
        ["devices", index, "address"],
        `address "${device["address"]}" already belongs to device "${other}" on the same link`
      )
    else addresses.set(address, String(device["id"]))
  }
}

/** Every point a door names, with the path to it. */
const pointsOf = (index: number, door: Raw): ReadonlyArray<readonly [ReadonlyArray<Key>, string]> => {
  const found: Array<readonly [ReadonlyArray<Key>, string]> = []
  const take = (path: ReadonlyArray<Key>, point: unknown) => {
    if (typeof point === "string" && point.includes("/")) found.push([["doors", index, ...path], point])
  }
  for (const name of ["position", "lock", "alarm", "mode"]) take([name], door[name])
  for (const name of ["rex", "tamper"]) {
    const points = door[name]
    if (Array.isArray(points)) points.forEach((point, n) => take([name, n], point))
  }
  const sides = door["accessPoints"]
  if (Array.isArray(sides))
    sides.forEach((side, n) => isRaw(side) && take(["accessPoints", n, "reader"], side["reader"]))
  return found
}

const checkDoors = (value: Raw, known: Known, refer: Refer, wrong: Wrong): void => {
  const devices = idsOf(value, "devices")
  const written = new Map<string, WrittenDevice>(
    itemsOf(value, "devices").map(([, device]) => [
      String(device["id"]),
      { profile: String(device["profile"]), disabled: device["disabled"] === true }
    ])
  )
  const owners = new Map<string, string>()
  for (const [index, door] of itemsOf(value, "doors")) {
    const id = String(door["id"])
    refer(["doors", index, "area"], door["area"], "area", idsOf(value, "areas"))
    const cameras = door["cameras"]
    if (Array.isArray(cameras)) {
      cameras.forEach((camera, n) => refer(["doors", index, "cameras", n], camera, "camera", idsOf(value, "cameras")))
      if (cameras.length > camerasMax)
        wrong(
          ["doors", index, "cameras"],
          `door "${id}" names ${cameras.length} cameras; at most ${camerasMax}, for each of its alerts keeps five frames of each`
        )
    }
    for (const [path, point] of pointsOf(index, door)) {
      refer(path, point.split("/")[0], "device", devices)
      const owner = owners.get(point)
      if (owner !== undefined && owner !== id)
        wrong(path, `point "${point}" already belongs to door "${owner}"; a point belongs to one door`)
      else owners.set(point, id)
      const device = written.get(point.split("/")[0] ?? "")
      const fault = device === undefined ? undefined : pointFault(point, String(path[2]), device, known.points)
      if (fault !== undefined) wrong(path, fault)
    }
    const path = ["doors", index] as const
    const own = isRaw(door["times"]) ? door["times"] : {}
    if (isRaw(door["times"])) checkTimes([...path, "times"], door, { times: own, beside: {} }, wrong)
    for (const [n, { schedule, times }] of mapsOf(door["timesDuring"])) {
      refer([...path, "timesDuring", n, "schedule"], schedule, "schedule", scheduleRefsOf(value))
      if (isRaw(times)) checkTimes([...path, "timesDuring", n, "times"], door, { times, beside: own }, wrong)
    }
    checkUnlocked(value, index, door, refer, wrong)
  }
}

/** Longer than this is a slip of the pen: a forced door would be told of hours later. */
const longest = {
  grantSeconds: 3600,
  extendedGrantSeconds: 3600,
  entrySeconds: 600,
  rexValidSeconds: 600,
  rexLateSeconds: 60,
  heldOpenSeconds: 86_400,
  heldPreAlarmSeconds: 86_400,
  relatchMs: 10_000,
  reorderGraceMs: 10_000,
  commandProofSeconds: 300
} as const

const checkLongest = (path: ReadonlyArray<Key>, times: Raw, wrong: Wrong): void => {
  for (const [name, most] of Object.entries(longest)) {
    const time = times[name]
    if (typeof time === "number" && time > most) wrong([...path, name], `${name} must be at most ${most} (is ${time})`)
  }
}

/** No device changes a lock and tells so within less than a second. */
const shortestProofSeconds = 1

const checkProofTime = (path: ReadonlyArray<Key>, door: Raw, time: unknown, wrong: Wrong): void => {
  if (time === undefined) return
  if (door["mode"] === undefined && door["lock"] === undefined)
    wrong(
      path,
      `door "${String(door["id"])}" has commandProofSeconds but neither mode nor lock: it can take no command; add one of them or remove commandProofSeconds`,
      "key"
    )
  if (typeof time === "number" && time < shortestProofSeconds)
    wrong(path, `commandProofSeconds must be at least ${shortestProofSeconds} (is ${time})`)
}

/** Without a contact no opening is seen, and nothing follows from its being unlocked. */
const checkUnlocked = (value: Raw, index: number, door: Raw, refer: Refer, wrong: Wrong): void => {
  const { unlockedDuring, position } = door
  if (!isRaw(unlockedDuring)) return
  const path = ["doors", index, "unlockedDuring"] as const
  refer([...path, "schedule"], unlockedDuring["schedule"], "schedule", scheduleRefsOf(value))
  const id = String(door["id"])
  if (position === undefined)
    wrong(path, `door "${id}" is unlockedDuring a schedule but has no position; add position or remove it`, "key")
  if (unlockedDuring["firstPersonIn"] === true && mapsOf(door["accessPoints"]).length === 0)
    wrong(
      [...path, "firstPersonIn"],
      `door "${id}" waits for the first person but has no reader to tell of one; add accessPoints or remove it`,
      "key"
    )
}

/** The times of one place, and those of the door itself that hold where that place says nothing. */
interface WrittenTimes {
  readonly times: Raw
  readonly beside: Raw
}

const checkTimes = (path: ReadonlyArray<Key>, door: Raw, { times, beside }: WrittenTimes, wrong: Wrong): void => {
  const time = (name: "heldOpenSeconds" | "heldPreAlarmSeconds" | "debounceMs") =>
    [times[name], beside[name]].find((one) => typeof one === "number") ?? defaultDoorTimes[name]
  checkProofTime([...path, "commandProofSeconds"], door, times["commandProofSeconds"], wrong)
  const ofOpenings = Object.keys(times).some((name) => name !== "commandProofSeconds")
  if (door["position"] === undefined && ofOpenings)
    wrong(
      path,
      `door "${String(door["id"])}" has times but no position: without a door contact it cannot be known to be forced or held; add position or remove times`,
      "key"
    )
  checkLongest(path, times, wrong)
  if (time("heldOpenSeconds") < 10)
    wrong(
      [...path, "heldOpenSeconds"],
      `heldOpenSeconds must be at least 10 (IEC 60839-11-1) (is ${time("heldOpenSeconds")})`
    )
  if (time("debounceMs") > 400)
    wrong(
      [...path, "debounceMs"],
      `debounceMs must be at most 400: a signal of 400 ms has to be processed (IEC 60839-11-1) (is ${time("debounceMs")})`
    )
  if (time("heldPreAlarmSeconds") < time("heldOpenSeconds") || time("heldOpenSeconds") < 10) return
  const written = times["heldPreAlarmSeconds"] !== undefined
  const origin = written ? "" : beside["heldPreAlarmSeconds"] === undefined ? "default " : "of the door's times: "
  wrong(
    [...path, written ? "heldPreAlarmSeconds" : "heldOpenSeconds"],
    `heldPreAlarmSeconds (${origin}${time("heldPreAlarmSeconds")}) must be below heldOpenSeconds (${time("heldOpenSeconds")})` +
      (written ? "" : "; add a shorter heldPreAlarmSeconds")
  )
}
