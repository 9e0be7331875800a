import { useEffect, useRef, useState } from "react"
import { commandResult, isShown } from "./command-words.ts"
import { DoorCommands } from "./door-commands.tsx"
import { WhyDoor } from "./door-why.tsx"
import type { Campus, CommandTold, Device, Door, Link } from "./wire.ts"
import { areaWords, linkWords, standingWords } from "./words.ts"
import "./boards.css"

const rankOf = (door: Door): number => standingWords[door.standing]?.rank ?? 4

interface RowProps {
  readonly door: Door
  /** Whether it has something that a command could be for: a lock, or a mode. */
  readonly commandable: boolean
  readonly open: boolean
  readonly nowMs: number
  readonly clock: (at: string) => string
  readonly onOpen: () => void
  readonly onClose: () => void
  readonly onWhy: () => void
  readonly onSent: (command: CommandTold) => void
  readonly onProblem: (refusal: unknown) => void
}

const DoorSigns = ({ door }: { readonly door: Door }) => {
  const standing = standingWords[door.standing] ?? standingWords.Unknown
  return (
    <>
      <span className="sign" aria-hidden="true">
        {standing.sign}
      </span>
      <span className="door-name">{door.name}</span>
      <span className="door-standing">
        {standing.text}
        {door.lock !== "Unknown" ? ` · ${door.lock.toLowerCase()}` : ""}
      </span>
    </>
  )
}

/** A door, and what it can be told when its row is opened. */
const DoorRow = (props: RowProps) => {
  const { door, commandable, open, nowMs, clock, onOpen, onClose, onWhy, onSent, onProblem } = props
  const standing = standingWords[door.standing] ?? standingWords.Unknown
  const worst = standing.rank <= 1 ? "bad" : standing.rank <= 4 ? "odd" : "calm"
  const row = useRef<HTMLButtonElement>(null)
  const last = door.lastCommand
  const result = last === undefined || open || !isShown(last, nowMs) ? undefined : commandResult(last)
  const wasOpen = useRef(false)
  useEffect(() => {
    // Once it is closed, for behind a dialog nothing takes the focus. Who has gone on to something else is left there.
    if (wasOpen.current && !open && document.activeElement === document.body) row.current?.focus()
    wasOpen.current = open
  }, [open])
  return (
    <li className={`door ${worst}`}>
      <button type="button" className="door-why" aria-label={`Why? ${door.name}`} onClick={onWhy}>
        Why?
      </button>
      {commandable ? (
        <button ref={row} type="button" className="door-row" aria-expanded={open} onClick={open ? onClose : onOpen}>
          <DoorSigns door={door} />
        </button>
      ) : (
        <div className="door-row">
          <DoorSigns door={door} />
        </div>
      )}
      {result !== undefined && <p className={`door-result went-${result.weight}`}>{result.text}</p>}
      {open && <DoorCommands {...{ door, clock, onSent, onProblem, onClose }} />}
    </li>
  )
}

interface Group {
  readonly name: string
  readonly members: ReadonlyArray<Door>
}

const worstOf = ({ members }: Group): number => Math.min(...members.map(rankOf), 10)

/** Areas with the worst doors first. While a row is open (`held`), none moves under the officer's hand. */
const useGroups = (doors: ReadonlyArray<Door>, campus: Campus | undefined, held: boolean): ReadonlyArray<Group> => {
  const order = useRef(new Map<string, number>())
  const areas = new Map<string, Array<Door>>()
  for (const door of doors) areas.set(door.area, [...(areas.get(door.area) ?? []), door])
  const placeOf = (key: string): number => (held ? (order.current.get(key) ?? Infinity) : 0)
  const rank = (door: Door): number => (held ? 0 : rankOf(door))
  const worst = (group: Group): number => (held ? 0 : Math.min(worstOf(group), 5))
  const groups = [...areas].map(([area, members]) => ({
    name: campus === undefined ? area : areaWords(campus, area),
    members: members.toSorted(
      (a, b) => placeOf(a.id) - placeOf(b.id) || rank(a) - rank(b) || a.name.localeCompare(b.name)
    )
  }))
  groups.sort(
    (a, b) =>
      placeOf(`area ${a.name}`) - placeOf(`area ${b.name}`) || worst(a) - worst(b) || a.name.localeCompare(b.name)
  )
  useEffect(() => {
    const keys = groups.flatMap((group) => [`area ${group.name}`, ...group.members.map(({ id }) => id)])
    order.current = new Map(keys.map((key, place) => [key, place]))
  })
  return groups
}

interface BoardProps {
  readonly doors: ReadonlyArray<Door>
  readonly campus: Campus | undefined
  readonly nowMs: number
  readonly clock: (at: string) => string
  readonly onProblem: (refusal: unknown) => void
}

/** Every door by area, and how the command that was given here last fares, for screen readers too. */
export const DoorBoard = ({ doors, campus, nowMs, clock, onProblem }: BoardProps) => {
  const [opened, setOpened] = useState<string | undefined>(undefined)
  const [asked, setAsked] = useState<Door | undefined>(undefined)
  const [given, setGiven] = useState<CommandTold | undefined>(undefined)
  const groups = useGroups(doors, campus, opened !== undefined)
  const commanded = doors.find(({ lastCommand }) => given !== undefined && lastCommand?.id === given.id)
  const commandable = new Set(campus?.doors.flatMap(({ id, lock, mode }) => ((lock ?? mode) === undefined ? [] : [id])))
  return (
    <section className="panel doors" aria-labelledby="doors-title" tabIndex={0}>
      <header className="panel-head">
        <h2 id="doors-title">Doors</h2>
        <p className="tally">
          {doors.filter((door) => door.standing === "Secure").length} of {doors.length} secure
        </p>
      </header>
      <p role="status" className="unseen">
        {commanded?.lastCommand === undefined ? "" : `${commanded.name}: ${commandResult(commanded.lastCommand).text}`}
      </p>
      {groups.map((group) => (
        <section key={group.name} className="area">
          <h3>{group.name}</h3>
          <ul>
            {group.members.map((door) => (
              <DoorRow
                key={door.id}
                {...{ door, nowMs, clock, onProblem }}
                commandable={commandable.has(door.id)}
                open={opened === door.id}
                onOpen={() => setOpened(door.id)}
                onClose={() => setOpened((now) => (now === door.id ? undefined : now))}
                onWhy={() => setAsked(door)}
                onSent={setGiven}
              />
            ))}
          </ul>
        </section>
      ))}
      {doors.length === 0 && <p className="empty">No doors are configured.</p>}
      {asked !== undefined && (
        <WhyDoor
          door={asked}
          timeZone={campus?.site.timeZone ?? "UTC"}
          nowMs={nowMs}
          onClose={() => setAsked(undefined)}
        />
      )}
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

const standingClass = ({
  rank,
  weaknesses
}: {
  readonly rank: number
  readonly weaknesses: ReadonlyArray<string>
}): string => {
  if (rank <= 1) return "bad"
  return rank <= 4 || weaknesses.length > 0 ? "odd" : "calm"
}

/** Links and devices, worst first, in words and signs; and what links leave unprotected. */
export const HealthStrip = ({
  devices,
  links
}: {
  readonly devices: ReadonlyArray<Device>
  readonly links: ReadonlyArray<Link>
}) => {
  const things = [
    ...links.map((link) => ({
      id: `link ${link.id}`,
      name: `Link ${link.id}`,
      ...linkWords(link),
      weaknesses: link.weaknesses ?? []
    })),
    ...devices.map((device) => ({
      id: device.id,
      name: device.name ?? device.id,
      state: device.availability,
      reason: device.reason,
      weaknesses: []
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
          <li key={thing.id} className={standingClass(thing)}>
            <span className="sign" aria-hidden="true">
              {thing.sign}
            </span>
            <span>
              {thing.name}: {thing.state.toLowerCase()}
              {thing.rank < 5 && thing.reason !== undefined ? ` (${thing.reason})` : ""}
              {thing.weaknesses.map((weakness) => (
                <span key={weakness} className="weakness">
                  Not protected: {weakness}
                </span>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
