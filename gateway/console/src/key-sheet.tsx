import { useState, type KeyboardEvent } from "react"
import { Dialog } from "./dialogs.tsx"
import { holderOf, keyMap, keyName, keysOf, type KeyLine, type OwnKeys } from "./keys.ts"
import "./key-sheet.css"
import { keySettings, useKeySettings } from "./own-keys.ts"
import type { PageLine } from "./page.ts"
import { pageName, pages, pagesFor } from "./pages.tsx"
import { useRights } from "./use-may.ts"

/** Keys that move the focus or belong to the browser, and those that only change others. */
const notOurs = /^(Tab|Escape|Shift|Control|Alt|AltGraph|Meta|CapsLock|Dead|Process|Unidentified|F\d+)$/

interface RowProps {
  readonly line: KeyLine
  readonly own: OwnKeys
  readonly waits: boolean
  readonly problem: string | undefined
  readonly onWait: () => void
  readonly onKey: (event: KeyboardEvent) => void
  readonly onLeave: () => void
}

const Row = ({ line, own, waits, problem, onWait, onKey, onLeave }: RowProps) => (
  <div>
    <dt>
      {keysOf(line, own).map((key) => (
        <kbd key={key}>{keyName(key)}</kbd>
      ))}
    </dt>
    <dd>
      {line.does}
      {problem !== undefined && (
        <span role="alert" className="problem key-problem">
          {problem}
        </span>
      )}
    </dd>
    <dd>
      <button
        type="button"
        className="secondary key-change"
        onClick={onWait}
        onBlur={onLeave}
        {...(waits ? { onKeyDown: onKey } : {})}
      >
        {waits ? "Press a key" : "Change"}
        <span className="unseen">: {line.does}</span>
      </button>
    </dd>
  </div>
)

interface Group {
  readonly title: string
  readonly lines: ReadonlyArray<KeyLine>
}

/** The keys of the pages that are for who is signed in. */
const groupsOf = (open: ReadonlyArray<PageLine>): ReadonlyArray<Group> => {
  const shut = pages.filter((page) => !open.includes(page)).map(({ id }) => id)
  const lines = (keyMap as ReadonlyArray<KeyLine>).filter(({ id, on }) =>
    shut.every((page) => id !== `page.${page}` && on !== page)
  )
  const onPage = [...new Set(lines.flatMap(({ on }) => (on === undefined ? [] : [on])))]
  return [
    { title: "Everywhere", lines: lines.filter(({ on }) => on === undefined) },
    ...onPage.map((page) => ({ title: pageName(page), lines: lines.filter(({ on }) => on === page) }))
  ]
}

/** The keys, changed one by one, and the switch that turns the single-key ones off (WCAG 2.1.4). */
export const KeySheet = ({ onCancel }: { readonly onCancel: () => void }) => {
  const { on, own } = useKeySettings()
  const open = pagesFor(useRights())
  const [waiting, setWaiting] = useState<string | undefined>(undefined)
  const [problem, setProblem] = useState<{ readonly id: string; readonly text: string } | undefined>(undefined)
  const take = (line: (typeof keyMap)[number]) => (event: KeyboardEvent) => {
    if (event.key === "Tab" || /^(Shift|Control|Alt|Meta)$/.test(event.key)) return
    event.preventDefault()
    event.stopPropagation()
    if (event.key === "Escape") return setWaiting(undefined)
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    const holder = holderOf(key, line, own)
    if (notOurs.test(key) || event.ctrlKey || event.metaKey || event.altKey) {
      return setProblem({ id: line.id, text: "That key belongs to the browser." })
    }
    if (holder !== undefined) return setProblem({ id: line.id, text: `${keyName(key)} is taken: ${holder.does}.` })
    keySettings.use(line.id, key)
    setProblem(undefined)
    setWaiting(undefined)
  }
  return (
    <Dialog title="Keys" onCancel={onCancel} size="wide">
      <label className="choice">
        <input
          type="checkbox"
          checked={on}
          onChange={(event) => (event.target.checked ? keySettings.switchOn() : keySettings.switchOff())}
        />
        <span>
          <strong>Single-key shortcuts</strong>
          <span className="hint">They never act while you type in a field</span>
        </span>
      </label>
      {groupsOf(open).map(({ title, lines }) => (
        <section key={title} className="key-group">
          <h3>{title}</h3>
          <dl className="keys">
            {lines.map((line) => (
              <Row
                key={line.id}
                {...{ line, own }}
                waits={waiting === line.id}
                problem={problem?.id === line.id ? problem.text : undefined}
                onWait={() => setWaiting(line.id)}
                onKey={take(line as (typeof keyMap)[number])}
                onLeave={() => setWaiting(undefined)}
              />
            ))}
          </dl>
        </section>
      ))}
      <p className="hint">Esc leaves a dialog. In pictures, ← and → step from frame to frame.</p>
      <div className="actions">
        <button type="button" className="primary" onClick={onCancel}>
          Done
        </button>
        <button
          type="button"
          className="secondary"
          disabled={Object.keys(own).length === 0}
          onClick={keySettings.reset}
        >
          The usual keys again
        </button>
      </div>
    </Dialog>
  )
}
