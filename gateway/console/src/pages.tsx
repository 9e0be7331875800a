import {
  Bell,
  ChartColumn,
  ClipboardCheck,
  FlaskConical,
  FolderOpen,
  HeartPulse,
  Map,
  ScrollText,
  ShieldOff,
  Smartphone,
  Users
} from "lucide-react"
import { lazy } from "react"
import { DeskPage } from "./desk.tsx"
import type { Right } from "../../api/rights.ts"
import type { PageGroup, PageLine } from "./page.ts"
import type { PageId } from "./place.ts"

/**
 * The pages in the order of the rail. The desk is in the first load, for there alerts are answered; the others are loaded
 * when they are first looked at.
 */
export const pages: ReadonlyArray<PageLine> = [
  { id: "desk", name: "Desk", group: "Now", icon: Bell, view: DeskPage, stays: true },
  {
    id: "plan",
    name: "Plan",
    group: "Now",
    icon: Map,
    view: lazy(async () => ({ default: (await import("./plan.tsx")).PlanPage })),
    stays: true
  },
  {
    id: "incidents",
    name: "Incidents",
    group: "Record",
    icon: FolderOpen,
    view: lazy(async () => ({ default: (await import("./incidents.tsx")).IncidentsPage }))
  },
  {
    id: "journal",
    name: "Journal",
    group: "Record",
    icon: ScrollText,
    view: lazy(async () => ({ default: (await import("./journal.tsx")).JournalPage })),
    stays: true
  },
  {
    id: "shift",
    name: "Shift",
    group: "Record",
    icon: ClipboardCheck,
    view: lazy(async () => ({ default: (await import("./shift.tsx")).ShiftPage })),
    stays: true
  },
  {
    id: "alarm-health",
    name: "Alarm health",
    group: "Record",
    icon: ChartColumn,
    view: lazy(async () => ({ default: (await import("./alarm-health.tsx")).AlarmHealthPage }))
  },
  {
    id: "health",
    name: "Health",
    group: "Site",
    icon: HeartPulse,
    view: lazy(async () => ({ default: (await import("./health.tsx")).HealthPage }))
  },
  {
    id: "gaps",
    name: "Gaps",
    group: "Site",
    icon: ShieldOff,
    view: lazy(async () => ({ default: (await import("./gaps.tsx")).GapsPage }))
  },
  {
    id: "people",
    name: "People",
    group: "Site",
    icon: Users,
    view: lazy(async () => ({ default: (await import("./people.tsx")).PeoplePage }))
  },
  {
    id: "phone",
    name: "My devices",
    group: "Site",
    icon: Smartphone,
    view: lazy(async () => ({ default: (await import("./phone.tsx")).PhonePage }))
  },
  {
    id: "what-if",
    name: "What if",
    group: "Site",
    needs: "replay",
    icon: FlaskConical,
    view: lazy(async () => ({ default: (await import("./what-if.tsx")).WhatIfPage })),
    stays: true
  }
]

/** The pages that have something to show to who may do this: in the rail, by their keys and by their address. */
export const pagesFor = (may: (right: Right) => boolean): ReadonlyArray<PageLine> =>
  pages.filter(({ needs }) => needs === undefined || may(needs))

export const pageGroups: ReadonlyArray<PageGroup> = ["Now", "Record", "Site"]

/** A page's name for people. */
export const pageName = (page: PageId): string => pages.find(({ id }) => id === page)?.name ?? page
