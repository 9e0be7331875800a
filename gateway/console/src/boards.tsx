import type { Campus, Device, Door, Link } from "./wire.ts"
import { areaWords, linkWords, standingWords } from "./words.ts"

const rankOf = (door: Door): number => standingWords[door.standing]?.rank ?? 4

const DoorTile = ({ door }: { readonly door: Door }) => {
  const standing = standingWords[door.standing] ?? standingWords.Unknown
  const worst = standing.rank <= 1 ? "bad" : standing.rank <= 4 ? "odd" : "calm"
  return (
    <li className={`door ${worst}`}>
      <span className="sign" aria-hidden="true">
        {standing.sign}
      </span>
      <span className="door-name">{door.name}</span>
      <span className="door-standing">
        {standing.text}
        {door.lock !== "Unknown" ? ` · ${door.lock.toLowerCase()}` : ""}
      </span>
    </li>
  )
}

/** Every door by area, the areas with the worst doors first. */
export const DoorBoard = ({
  doors,
  campus
}: {
  readonly doors: ReadonlyArray<Door>
  readonly campus: Campus | undefined
}) => {
  const areas = new Map<string, Array<Door>>()
  for (const door of doors) areas.set(door.area, [...(areas.get(door.area) ?? []), door])
  const groups = [...areas].map(([area, members]) => ({
    name: campus === undefined ? area : areaWords(campus, area),
    members: members.toSorted((a, b) => rankOf(a) - rankOf(b) || a.name.localeCompare(b.name))
  }))
  const worst = (group: { readonly members: ReadonlyArray<Door> }): number => Math.min(...group.members.map(rankOf), 10)
  groups.sort((a, b) => Math.min(worst(a), 5) - Math.min(worst(b), 5) || a.name.localeCompare(b.name))
  return (
    <section className="panel doors" aria-labelledby="doors-title" tabIndex={0}>
      <header className="panel-head">
        <h2 id="doors-title">Doors</h2>
        <p className="tally">
          {doors.filter((door) => door.standing === "Secure").length} of {doors.length} secure
        </p>
      </header>
      {groups.map((group) => (
        <section key={group.name} className="area">
          <h3>{group.name}</h3>
          <ul>
            {group.members.map((door) => (
              <DoorTile key={door.id} door={door} />
            ))}
          </ul>
        </section>
      ))}
      {doors.length === 0 && <p className="empty">No doors are configured.</p>}
    </section>
  )
}

const signs: Record<string, { readonly sign: string; readonly rank: number }> = {
  rejected: { sign: "!!", rank: 0 },
  offline: { sign: "!", rank: 1 },
  unknown: { sign: "?", rank: 2 },
  connecting: { sign: "…", rank: 3 },
  stopped: { sign: "–", rank: 4 },
  online: { sign: "✓", rank: 5 }
}

/** Links and devices, worst first, in words and signs. */
export const HealthStrip = ({
  devices,
  links
}: {
  readonly devices: ReadonlyArray<Device>
  readonly links: ReadonlyArray<Link>
}) => {
  const things = [
    ...links.map((link) => ({ id: `link ${link.id}`, name: `Link ${link.id}`, ...linkWords(link) })),
    ...devices.map((device) => ({
      id: device.id,
      name: device.name ?? device.id,
      state: device.availability,
      reason: device.reason
    }))
  ].map((thing) => ({ ...thing, ...(signs[thing.state.toLowerCase()] ?? { sign: "?", rank: 2 }) }))
  things.sort((a, b) => a.rank - b.rank || a.name.localeCompare(b.name))
  const online = things.filter((thing) => thing.rank === 5).length
  return (
    <section className="panel health" aria-labelledby="health-title" tabIndex={0}>
      <header className="panel-head">
        <h2 id="health-title">Links and devices</h2>
        <p className="tally">
          {online} of {things.length} online
        </p>
      </header>
      <ul className="things">
        {things.map((thing) => (
          <li key={thing.id} className={thing.rank <= 1 ? "bad" : thing.rank <= 4 ? "odd" : "calm"}>
            <span className="sign" aria-hidden="true">
              {thing.sign}
            </span>
            <span>
              {thing.name}: {thing.state.toLowerCase()}
              {thing.rank < 5 && thing.reason !== undefined ? ` (${thing.reason})` : ""}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
