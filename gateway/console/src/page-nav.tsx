import { Menu } from "lucide-react"
import { useState, type ReactNode } from "react"
import { Dialog } from "./dialogs.tsx"
import type { PageLine } from "./page.ts"
import "./page-nav.css"
import { pageGroups, pageName, pagesFor } from "./pages.tsx"
import { addressOf, type PageId } from "./place.ts"
import { useRights } from "./use-may.ts"
import type { Gap } from "./wire.ts"

/** Gaps of this severity and worse are told in the colour of what must not be missed. */
const pressing = 2

interface Waiting {
  readonly page: PageId
  /** Alerts that wait for somebody: told wherever the officer is. */
  readonly unacknowledged: number
  readonly gaps: ReadonlyArray<Gap>
  readonly gapsTotal: number
}

/** What waits on a page, beside its name. */
const Tally = ({ of, page, unacknowledged, gaps, gapsTotal }: Waiting & { readonly of: PageId }) => {
  if (of === "desk" && page !== "desk" && unacknowledged > 0) {
    return (
      <strong className="waiting">
        {unacknowledged} <span className="unseen">unacknowledged</span>
      </strong>
    )
  }
  if (of === "gaps" && gaps.length > 0) {
    return (
      <strong className={gaps.some(({ severity }) => severity <= pressing) ? "waiting" : "tallied"}>
        {gapsTotal} <span className="unseen">not protected</span>
      </strong>
    )
  }
  return null
}

const PageLink = ({ line, waiting, onGo }: { line: PageLine; waiting: Waiting; onGo?: () => void }) => (
  <a
    href={addressOf(line.id)}
    aria-current={line.id === waiting.page ? "page" : undefined}
    {...(onGo === undefined ? {} : { onClick: onGo })}
  >
    <line.icon aria-hidden="true" size={20} />
    <span>{line.name}</span>
    <Tally of={line.id} {...waiting} />
  </a>
)

/** The pages of each group that have something to show to who is signed in. */
const useLines = (): ((group: PageLine["group"]) => ReadonlyArray<PageLine>) => {
  const lines = pagesFor(useRights())
  return (group) => lines.filter((line) => line.group === group)
}

/** The way from page to page on a desk, with what waits where. */
export const PageRail = (waiting: Waiting) => {
  const linesOf = useLines()
  return (
    <nav className="rail" aria-label="Pages">
      {pageGroups.map((group) => (
        <ul key={group} aria-label={group}>
          {linesOf(group).map((line) => (
            <li key={line.id}>
              <PageLink {...{ line, waiting }} />
            </li>
          ))}
        </ul>
      ))}
    </nav>
  )
}

/** The same on a phone: one button, and all pages behind it; `children`: what the head has no room for there. */
export const PageMenu = ({ children, ...waiting }: Waiting & { readonly children: ReactNode }) => {
  const [open, setOpen] = useState(false)
  const linesOf = useLines()
  const close = (): void => setOpen(false)
  return (
    <>
      <button type="button" className="secondary menu-button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <Menu aria-hidden="true" size={20} /> <span className="unseen">Menu: </span>
        {pageName(waiting.page)}
        <Tally of="desk" {...waiting} />
      </button>
      {open && (
        <Dialog title="Pages" onCancel={close}>
          <nav className="page-menu" aria-label="Pages">
            {pageGroups.map((group) => (
              <section key={group} aria-label={group}>
                <h3>{group}</h3>
                <ul>
                  {linesOf(group).map((line) => (
                    <li key={line.id}>
                      <PageLink {...{ line, waiting }} onGo={close} />
                    </li>
                  ))}
                </ul>
              </section>
            ))}
          </nav>
          <div className="actions menu-actions">{children}</div>
          <div className="actions">
            <button type="button" className="primary" onClick={close}>
              Close
            </button>
          </div>
        </Dialog>
      )}
    </>
  )
}
