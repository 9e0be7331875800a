import { useEffect, useRef, useState, type KeyboardEvent } from "react"
import type { DoorCommand } from "../../domain/command.ts"
import { api, newRequestKey } from "./api.ts"
import { commandResult, commandWords, modeText } from "./command-words.ts"
import { Answer } from "./dialog-fields.tsx"
import { Dialog } from "./dialogs.tsx"
import type { CommandTold, Door } from "./wire.ts"

const messageOf = (refusal: unknown): string => (refusal instanceof Error ? refusal.message : String(refusal))

/** The item that an arrow key goes to, from the one that has the focus. */
const nextItem = (key: string, items: ReadonlyArray<HTMLElement>): HTMLElement | undefined => {
  const at = items.findIndex((item) => item === document.activeElement)
  switch (key) {
    case "ArrowDown":
      return items[(at + 1) % items.length]
    case "ArrowUp":
      return items[(at - 1 + items.length) % items.length]
    case "Home":
      return items[0]
    case "End":
      return items.at(-1)
    default:
      return undefined
  }
}

interface MenuProps {
  readonly door: Door
  readonly busy: boolean
  readonly onChoose: (command: DoorCommand) => void
  readonly onClose: () => void
}

/** What a door can be told now. Arrow keys move, Escape leaves; single-key shortcuts are not for here. */
const CommandMenu = ({ door, busy, onChoose, onClose }: MenuProps) => {
  const menu = useRef<HTMLDivElement>(null)
  useEffect(() => {
    menu.current?.querySelector("button")?.focus()
  }, [])
  const pressed = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.key === "Escape") onClose()
    else {
      const next = nextItem(event.key, [...event.currentTarget.querySelectorAll("button")])
      if (next === undefined && (event.key.length > 1 || event.key === " ")) return
      next?.focus()
    }
    // An officer who types here means none of the console's keys.
    event.preventDefault()
  }
  return (
    <div ref={menu} role="menu" aria-label={`Commands for ${door.name}`} className="command-menu" onKeyDown={pressed}>
      {door.commands.map((command) => (
        <button
          key={command}
          type="button"
          role="menuitem"
          className="secondary"
          aria-disabled={busy}
          onClick={() => {
            if (!busy) onChoose(command)
          }}
        >
          {commandWords[command].text}
          {command === "Access" ? "" : "…"}
        </button>
      ))}
    </div>
  )
}

interface ConfirmProps {
  readonly door: Door
  readonly command: DoorCommand
  readonly busy: boolean
  readonly problem: string | undefined
  readonly onSend: (reason: string) => void
  readonly onCancel: () => void
}

/** Names the door and what will happen there. */
const ConfirmCommand = ({ door, command, busy, problem, onSend, onCancel }: ConfirmProps) => {
  const [reason, setReason] = useState("")
  const { text, effect, secures } = commandWords[command]
  return (
    <Dialog title={`${text}: ${door.name}?`} onCancel={onCancel}>
      <form
        className="confirm"
        onSubmit={(event) => {
          event.preventDefault()
          onSend(reason.trim())
        }}
      >
        <p className="confirm-where">{door.where}</p>
        <p>{effect}</p>
        <p className="hint">
          Now: {door.mode === "Unknown" ? `lock ${door.lock.toLowerCase()}` : modeText(door.mode)}, door{" "}
          {door.position.toLowerCase()}.
        </p>
        {secures && door.position === "Open" && (
          <p className="problem">The door stands open: it is not secured until it is closed.</p>
        )}
        <label className="field">
          Reason (optional)
          <textarea rows={2} maxLength={2000} value={reason} onChange={(event) => setReason(event.target.value)} />
        </label>
        <Answer {...{ busy, problem, onCancel }} yes={text} careful />
      </form>
    </Dialog>
  )
}

interface DoorCommandsProps {
  readonly door: Door
  readonly clock: (at: string) => string
  readonly onSent: (command: CommandTold) => void
  readonly onProblem: (refusal: unknown) => void
  readonly onClose: () => void
}

/** Sends commands to a door. `Access` goes at once; everything else is confirmed first. */
export const DoorCommands = ({ door, clock, onSent, onProblem, onClose }: DoorCommandsProps) => {
  const [asked, setAsked] = useState<{ readonly command: DoorCommand; readonly key: string } | undefined>(undefined)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const chosen = useRef<Element | null>(null)
  useEffect(() => {
    // Cancelled: back to the command that was chosen. While the dialog was open nothing behind it could have the focus.
    if (asked === undefined && chosen.current instanceof HTMLElement) chosen.current.focus()
  }, [asked])
  const send = async (command: DoorCommand, reason: string, key: string): Promise<void> => {
    setBusy(true)
    setProblem(undefined)
    try {
      onSent(await api.command(door.id, command, reason, key))
      onClose()
    } catch (refusal) {
      setProblem(messageOf(refusal))
      if (command === "Access") onProblem(refusal)
    } finally {
      setBusy(false)
    }
  }
  const choose = (command: DoorCommand): void => {
    const key = newRequestKey()
    setProblem(undefined)
    chosen.current = document.activeElement
    if (command === "Access") void send(command, "", key)
    else setAsked({ command, key })
  }
  const { lastCommand } = door
  return (
    <div className="door-commands">
      {lastCommand !== undefined && (
        <p className="hint">
          <time dateTime={lastCommand.at}>{clock(lastCommand.at)}</time> {lastCommand.by}:{" "}
          {commandResult(lastCommand).text}
          {lastCommand.reason === undefined ? "" : ` (${lastCommand.reason})`}
        </p>
      )}
      {door.commands.length > 0 ? (
        <CommandMenu door={door} busy={busy} onChoose={choose} onClose={onClose} />
      ) : (
        <p className="hint">It can be told nothing now: {door.noCommands ?? "no reason given"}.</p>
      )}
      {asked !== undefined && (
        <ConfirmCommand
          door={door}
          command={asked.command}
          busy={busy}
          problem={problem}
          onSend={(reason) => void send(asked.command, reason, asked.key)}
          onCancel={() => setAsked(undefined)}
        />
      )}
    </div>
  )
}
