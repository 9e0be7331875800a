import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { isMap, isSeq, parseDocument, stringify } from "yaml"
import type { FoundDevice } from "./discovered.ts"
import { pointText } from "./discover-table.ts"
import { printable } from "./output.ts"

/** A device as it will stand in the configuration, and where it was seen. */
export interface Stub {
  readonly device: Readonly<Record<string, unknown>> & { readonly id: string }
  readonly seen: string
}

/** Devices that exist already: their ids are taken, and none of them is written again. */
export type Existing = ReadonlyArray<Readonly<Record<"id" | "link" | "profile" | "address", string>>>

const idLength = 64

/** An id out of an address: what an id cannot hold becomes "-"; a bare number says nothing alone. */
export const idFor = (profile: string, address: string, taken: ReadonlySet<string>): string => {
  const slug = address
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+|[-._]+$/g, "")
  const wanted = slug === "" ? `${profile}-device` : /^\d+$/.test(slug) ? `${profile}-${slug}` : slug
  const id = wanted.slice(0, idLength)
  if (!taken.has(id)) return id
  for (let nth = 2; ; nth++) {
    const numbered = `${id.slice(0, idLength - String(nth).length - 1)}-${nth}`
    if (!taken.has(numbered)) return numbered
  }
}

const seenText = (device: FoundDevice, where: string): string => {
  const points = [...(device.availability === undefined ? [] : [device.availability]), ...device.points.map(pointText)]
  const also = device.others.length === 0 ? [] : [`also read by the profiles ${device.others.join(", ")}`]
  const on = device.topic === undefined ? "announced" : `seen on ${device.topic}`
  return printable([`${on} at ${where}`, ...points, ...also].join("; ")).slice(0, 300)
}

/** The devices that are not configured yet, each disabled; the one that was only guessed at is left out. */
export const stubsFor = (
  devices: ReadonlyArray<FoundDevice>,
  { link, where, existing }: { readonly link: string; readonly where: string; readonly existing: Existing }
): ReadonlyArray<Stub> => {
  const taken = new Set<string>(existing.map(({ id }) => id))
  const ids = new Map<string, string>(
    existing.filter((one) => one.link === link).map((one) => [`${one.profile} ${one.address}`, one.id])
  )
  const fresh = devices.filter(
    ({ configured, sure, profile, address }) => configured === undefined && sure && !ids.has(`${profile} ${address}`)
  )
  for (const { profile, address } of fresh) {
    const id = idFor(profile, address, taken)
    taken.add(id)
    ids.set(`${profile} ${address}`, id)
  }
  return fresh.map((found) => {
    const { profile, address, parameters, bridge } = found
    const via = bridge === undefined ? undefined : ids.get(`${profile} ${bridge}`)
    const device = {
      id: ids.get(`${profile} ${address}`) ?? address,
      link,
      profile,
      address,
      ...(via === undefined ? {} : { via }),
      ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
      disabled: true
    }
    return { device, seen: seenText(found, where) }
  })
}

const linesOf = ({ device, seen }: Stub, indent: string): string =>
  `${indent}# ${seen}\n${indent}- ${stringify(device, { collectionStyle: "flow", lineWidth: 0, flowCollectionPadding: true }).trimEnd()}\n`

const headingOf = (command: string): string =>
  `# Found by \`gatehouse ${command}\`. A device is heard once its \`disabled: true\` is taken away; the rest is yours to change.\n`

/** A whole file of stubs, found by that command. */
export const stubsText = (stubs: ReadonlyArray<Stub>, command: string): string =>
  `${headingOf(command)}devices:\n${stubs.map((stub) => linesOf(stub, "  ")).join("")}`

/** A file that stubs cannot be added to without rewriting what stands there. */
export class NotAddable extends Error {
  override readonly name = "NotAddable"
}

/** The devices that a YAML text holds; what is no device is left to `check`. */
const devicesOf = (text: string): Existing => {
  const value: unknown = parseDocument(text).toJS()
  const devices = typeof value === "object" && value !== null && "devices" in value ? value.devices : []
  return (Array.isArray(devices) ? devices : []).flatMap((device: unknown) => {
    if (typeof device !== "object" || device === null) return []
    const { id, link, profile, address } = device as Readonly<Record<string, unknown>>
    return [{ id: String(id), link: String(link), profile: String(profile), address: String(address) }]
  })
}

/** `text` with the stubs behind its last device; every character that stands there stays. */
const added = (text: string, stubs: ReadonlyArray<Stub>): string => {
  const document = parseDocument(text)
  const [broken] = document.errors
  if (broken !== undefined) throw new NotAddable(broken.message.split("\n")[0])
  const whole = text === "" || text.endsWith("\n") ? text : `${text}\n`
  const { contents } = document
  if (contents !== null && !isMap(contents)) throw new NotAddable("it holds no sections such as devices")
  const devices = contents === null ? undefined : contents.get("devices", true)
  if (devices === undefined) return `${whole}devices:\n${stubs.map((stub) => linesOf(stub, "  ")).join("")}`
  const last =
    isSeq(devices) && devices.flow !== true
      ? (devices.items.at(-1) as { readonly range?: readonly number[] })
      : undefined
  const start = isSeq(devices) ? devices.range?.[0] : undefined
  const end = last?.range?.[2]
  if (start === undefined || end === undefined)
    throw new NotAddable('its "devices" is not a list with one "- …" a line')
  const indent = whole.slice(whole.lastIndexOf("\n", start - 1) + 1, start).replace(/[^ ]/g, " ")
  const before = whole.slice(0, end)
  const lines = stubs.map((stub) => linesOf(stub, indent)).join("")
  return `${before}${before.endsWith("\n") ? "" : "\n"}${lines}${whole.slice(end)}`
}

/** The devices in a file that may not be part of the configuration, or not be there. */
export const devicesIn = (file: string): Existing => (existsSync(file) ? devicesOf(readFileSync(file, "utf8")) : [])

/** Adds the stubs to a file, or makes it. Throws `NotAddable`, and what the file system throws. */
export const addStubs = (file: string, stubs: ReadonlyArray<Stub>, command: string): void => {
  if (stubs.length === 0) return
  if (!existsSync(file)) return writeFileSync(file, stubsText(stubs, command), { flag: "wx" })
  const before = readFileSync(file, "utf8")
  const after = added(before, stubs)
  const ids = devicesOf(after).map(({ id }) => id)
  const wanted = [...devicesOf(before).map(({ id }) => id), ...stubs.map(({ device }) => device.id)]
  if (ids.length !== wanted.length || ids.some((id, nth) => id !== wanted[nth]))
    throw new NotAddable("what stands there would be read otherwise with more devices behind it")
  const draft = `${file}.new`
  writeFileSync(draft, after)
  renameSync(draft, file)
}
