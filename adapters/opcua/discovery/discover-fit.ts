import type { Device } from "../../../gateway/domain/campus.ts"
import { DeviceId, type EpochMs, LinkId } from "../../../gateway/domain/ids.ts"
import { parametersOf } from "../../profile/parameters.ts"
import { follow, lookUp, pathKey, pathTo, type Reached, type Seen, type Tree } from "./discover-tree.ts"
import { makeOpcuaMapping } from "../mapping/normalize.ts"
import { fillId, fillNode, type Fillings } from "../mapping/normalize-node.ts"
import { baseOf, fillingsOf } from "../mapping/normalize-sources.ts"
import type { OpcuaProfile } from "../mapping/profile.ts"
import type { NodeTemplate } from "../mapping/profile-node.ts"
import { browseNameInPath } from "../nodes/node-names.ts"
import type { OpcuaSettings } from "../settings.ts"
import type { NodeByPath, ValueKind, ValueSource } from "../sources.ts"

/** A point of a device, as it is now. */
export interface FoundPoint {
  readonly point: string
  readonly kind: string
  readonly value: string
}

/** What a device would be heard by. */
export interface Heard {
  /** Variables and patterns of the profile, and how many of them lead to something here. */
  readonly wanted: number
  readonly there: number
  readonly points: ReadonlyArray<FoundPoint>
  /** What leads to nothing, or to something else than it should: for people. */
  readonly missing: ReadonlyArray<string>
  readonly nodes: ReadonlySet<Seen>
}

/** A place at which a profile fits. */
export interface Fit extends Heard {
  readonly profile: string
  readonly address: string
  readonly parameters: Readonly<Record<string, string>>
  readonly base: Seen
}

/** What the server's words are read with. */
export interface Reading {
  readonly timeZone: string
  readonly severity: OpcuaSettings["severity"]
  readonly now: EpochMs
}

const deviceAt = (profile: string, address: string, parameters: Readonly<Record<string, string>>): Device => ({
  id: DeviceId.make("device"),
  link: LinkId.make("link"),
  profile,
  address,
  ...(Object.keys(parameters).length === 0 ? {} : { parameters })
})

const isOf = ({ value }: Seen, kind: ValueKind): boolean =>
  kind === "any" || value?.kind === undefined || value.kind === kind

const oneOfMany = (source: ValueSource): string =>
  "nodeId" in source.node ? source.node.nodeId : `/${source.node.path.map(({ name }) => name).join("/")}`

/** What a device is heard by at this server, if it stood in the configuration so. */
export const heardOf = (tree: Tree, profile: OpcuaProfile, device: Device, reading: Reading): Heard => {
  const mapping = makeOpcuaMapping(profile, device, reading)
  const points = new Map<string, FoundPoint>()
  const missing: Array<string> = []
  const nodes = new Set<Seen>()
  let there = 0
  for (const source of mapping.sources.values) {
    const reached = lookUp(tree, source.node).filter(({ seen }) => seen.nodeClass === "variable")
    const fitting = reached.filter(({ seen }) => isOf(seen, source.kind))
    if (reached.length === 0) missing.push(`nothing is at ${oneOfMany(source)}`)
    const [odd] = reached.filter((one) => !fitting.includes(one))
    if (odd !== undefined) missing.push(`${oneOfMany(source)} holds a ${odd.seen.value?.kind}, not a ${source.kind}`)
    if (fitting.length > 0) there++
    for (const { seen, matched } of fitting) {
      nodes.add(seen)
      for (const point of pointsOf(mapping.normalize, source, { seen, matched }, reading.now))
        points.set(`${point.point} ${point.kind}`, point)
    }
  }
  return { wanted: mapping.sources.values.length, there, points: [...points.values()], missing, nodes }
}

const pointsOf = (
  normalize: ReturnType<typeof makeOpcuaMapping>["normalize"],
  { key, device }: ValueSource,
  { seen, matched }: Reached,
  now: EpochMs
): ReadonlyArray<FoundPoint> => {
  const { value = null, status = "bad", statusName = "not read" } = seen.value ?? {}
  const { observations } = normalize(
    {
      _tag: "Value",
      key,
      matched,
      device,
      node: seen.name,
      value,
      status,
      statusName,
      sourceTime: undefined,
      overflow: false,
      origin: "recovery"
    },
    now
  )
  return observations.flatMap((observation): ReadonlyArray<FoundPoint> => {
    switch (observation._tag) {
      case "Reading":
        return [{ point: observation.point, kind: observation.reading.kind, value: observation.reading.value }]
      case "Occurrence":
        return [{ point: observation.point, kind: "occurrence", value: observation.occurrence._tag }]
      case "Unreadable":
        return [{ point: seen.browseName, kind: "unreadable", value: JSON.stringify(value) }]
      default:
        return []
    }
  })
}

/** The variables that a profile names, each once. */
const variablesOf = (profile: OpcuaProfile): ReadonlyArray<NodeTemplate> => {
  const all = [...profile.readings, ...profile.occurrences, ...profile.gaps, ...profile.availability]
  const nodes = all.flatMap(({ listens }) =>
    listens._tag === "Value" ? [[listens.node.text, listens.node] as const] : []
  )
  return [...new Map(nodes).values()]
}

/** Whether a profile has variables at all: by events alone no browsing can tell. */
export const hasVariables = (profile: OpcuaProfile): boolean => variablesOf(profile).length > 0

/**
 * The parameters that a profile could have here: one that is empty and is the URI of a namespace can be any of the
 * server's. Another one that must be given cannot be guessed.
 */
export const parametersFor = (
  profile: OpcuaProfile,
  namespaces: ReadonlyArray<string>
): ReadonlyArray<Readonly<Record<string, string>>> => {
  const empty = Object.entries(profile.file.parameters ?? {}).flatMap(([name, value]) => (value === "" ? [name] : []))
  const [only] = empty
  if (only === undefined) return [{}]
  const isNamespace = Object.values(profile.namespaces).includes(`{${only}}`)
  return empty.length === 1 && isNamespace ? namespaces.map((uri) => ({ [only]: uri })) : []
}

/** A node's address for devices of a profile; `undefined` where the profile has no short name for a namespace of it. */
export const addressOf = (profile: OpcuaProfile, fillings: Fillings, base: Seen): string | undefined => {
  const filled = (uri: string): string => uri.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => fillings[name] ?? "")
  const shortOf = new Map(Object.entries(profile.namespaces).map(([short, uri]) => [filled(uri), short]))
  const steps = pathTo(base).map(({ uri, name }) => {
    if (uri === undefined) return browseNameInPath(name)
    const short = shortOf.get(uri)
    return short === undefined ? undefined : `${short}:${browseNameInPath(name)}`
  })
  return steps.includes(undefined) ? undefined : `/${steps.join("/")}`
}

/** A profile fits where at least half of its variables are there. */
const isEnough = ({ there, wanted }: Heard): boolean => there > 0 && 2 * there >= wanted

/** Every place at which a profile fits with these parameters. */
const fitsOf = (
  tree: Tree,
  profile: OpcuaProfile,
  parameters: Readonly<Record<string, string>>,
  reading: Reading
): ReadonlyArray<Fit> => {
  const anywhere = deviceAt(profile.name, "/", parameters)
  const fillings = fillingsOf(profile, anywhere, parametersOf(profile, anywhere))
  const paths = variablesOf(profile).flatMap((node): ReadonlyArray<NodeByPath["path"]> => {
    if (node._tag === "Id" || node.absolute) return []
    const placed = fillNode(node, fillings, [])
    return typeof placed !== "string" && "path" in placed.node ? [placed.node.path] : []
  })
  const bases =
    paths.length === 0 ? [tree.root] : [...tree.nodes.values()].filter(({ children }) => children.length > 0)
  return bases.flatMap((base): ReadonlyArray<Fit> => {
    if (paths.length > 0 && !paths.some((path) => follow(base, path).length > 0)) return []
    const address = addressOf(profile, fillings, base)
    if (address === undefined) return []
    const heard = heardOf(tree, profile, deviceAt(profile.name, address, parameters), reading)
    return isEnough(heard) ? [{ ...heard, profile: profile.name, address, parameters, base }] : []
  })
}

/** Where which profile fits, the best of each place first among those of the place. */
export const fits = (
  tree: Tree,
  profiles: ReadonlyArray<OpcuaProfile>,
  namespaces: ReadonlyArray<string>,
  reading: Reading
): ReadonlyArray<Fit> => {
  const found = profiles.flatMap((profile) =>
    parametersFor(profile, namespaces).flatMap((parameters) => fitsOf(tree, profile, parameters, reading))
  )
  const share = ({ there, wanted }: Fit): number => there / wanted
  return found.toSorted((a, b) => share(b) - share(a) || b.nodes.size - a.nodes.size)
}

/** Where a configured device is at a server, to be compared with where a profile fits. */
export const placeKeyOf = (profile: OpcuaProfile, device: Device): string | undefined => {
  const base = baseOf(profile, device)
  if (typeof base === "string") return undefined
  const fillings = fillingsOf(profile, device, parametersOf(profile, device))
  const placed = fillNode({ _tag: "Path", text: device.address, absolute: true, steps: base }, fillings, [])
  return typeof placed !== "string" && "path" in placed.node ? pathKey(placed.node.path) : undefined
}

/** Event types that a profile names and that are not OPC UA's own. */
export const eventTypesOf = (
  profile: OpcuaProfile,
  { address, parameters }: Pick<Fit, "address" | "parameters">
): ReadonlyArray<string> => {
  const device = deviceAt(profile.name, address, parameters)
  const fillings = fillingsOf(profile, device, parametersOf(profile, device))
  const all = [...profile.readings, ...profile.occurrences, ...profile.gaps, ...profile.availability]
  const types = all.flatMap(({ listens }) => (listens._tag === "Value" ? [] : listens.types))
  const names = types.map((type) => fillId(type, fillings)).flatMap((id) => (typeof id === "string" ? [] : [id.nodeId]))
  return [...new Set(names)].filter((name) => name.startsWith("nsu="))
}
