import { defaultDoorTimes } from "../domain/door.ts"
import { camerasMax } from "../domain/evidence.ts"
import { pointFault, type ProfilePoint, type WrittenDevice } from "./known-points.ts"
import { idsOf, isRaw, itemsOf, type Key, mapsOf, type Raw, type Refer, type Wrong } from "./raw.ts"
import { scheduleRefsOf } from "./schedule-rules.ts"

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

/** What doors refer to, and whether their times and points can be what they are said to be. `points`: those of profiles. */
export const checkDoors = (
  value: Raw,
  points: ReadonlyMap<string, ReadonlyArray<ProfilePoint>>,
  refer: Refer,
  wrong: Wrong
): void => {
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
      const fault = device === undefined ? undefined : pointFault(point, String(path[2]), device, points)
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
  if (unlockedDuring["firstPersonIn"] !== true && unlockedDuring["firstPersonEarlyMinutes"] !== undefined)
    wrong(
      [...path, "firstPersonEarlyMinutes"],
      `door "${id}" says how early the first person may come but waits for none; add firstPersonIn: true or remove it`,
      "key"
    )
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
