import {
  CRS,
  divIcon,
  imageOverlay,
  latLngBounds,
  map as makeMap,
  marker as makeMarker,
  polygon,
  type Map as LeafletMap,
  type Marker
} from "leaflet"
import "leaflet/dist/leaflet.css"
import { Cctv, CircuitBoard, DoorClosed, DoorOpen } from "lucide-react"
import { useEffect, useRef, useState } from "react"
import { createPortal } from "react-dom"
import type { Plan } from "../../domain/plan.ts"
import { Badge } from "./badge.tsx"
import type { PlanThing } from "./plan-things.ts"

/** Leaflet counts upwards, drawings count downwards. */
const at = (x: number, y: number): [number, number] => [-y, x]

const boundsOf = ({ box: [left, top, width, height] }: Plan) =>
  latLngBounds(at(left, top + height), at(left + width, top))

/** Of a thumb, and more than WCAG's 24 px. */
const markPx = 40

const icons = { camera: Cctv, device: CircuitBoard } as const

/** What a marker shows: the alert's badge, or the kind of the thing and the sign of how it stands. */
const Mark = ({ thing, selected }: { readonly thing: PlanThing; readonly selected: boolean }) => {
  const { kind, layer, alert, sign } = thing
  const Icon = kind === "door" ? (layer === "open" ? DoorOpen : DoorClosed) : kind === "area" ? undefined : icons[kind]
  return (
    <span className={`mark ${kind} ${layer}${selected ? " ringed" : ""}`}>
      <span className="unseen">{`${thing.name}: ${thing.standing}`}</span>
      <span className="mark-seen" aria-hidden="true">
        {alert !== undefined && <Badge alert={alert} />}
        {alert === undefined && Icon !== undefined && <Icon size={20} />}
        {alert === undefined && sign}
        {kind === "area" && <span className="mark-name">{thing.name}</span>}
      </span>
    </span>
  )
}

interface Placed {
  readonly marker: Marker
  readonly host: HTMLElement
}

/** The drawing as a map that is panned and zoomed; made anew for another drawing. */
const useMap = (plan: Plan) => {
  const box = useRef<HTMLDivElement>(null)
  const [map, setMap] = useState<LeafletMap | undefined>(undefined)
  useEffect(() => {
    if (box.current === null) return
    const bounds = boundsOf(plan)
    const made = makeMap(box.current, {
      crs: CRS.Simple,
      attributionControl: false,
      zoomSnap: 0.1,
      minZoom: -6,
      maxZoom: 4,
      maxBounds: bounds.pad(0.5),
      zoomAnimation: false,
      fadeAnimation: false,
      markerZoomAnimation: false
    })
    imageOverlay(`/api/v1/plans/${encodeURIComponent(plan.id)}/drawing?${plan.picture}`, bounds, {
      className: "plan-picture",
      alt: ""
    }).addTo(made)
    made.fitBounds(bounds)
    const sized = new ResizeObserver(() => {
      made.invalidateSize({ animate: false })
      made.fitBounds(bounds, { animate: false })
    })
    sized.observe(box.current)
    setMap(made)
    return () => {
      sized.disconnect()
      setMap(undefined)
      made.remove()
    }
    // A plan is named by its id and its drawing; its markers are placed below.
  }, [plan.id, plan.picture])
  return { box, map }
}

/** A marker for every thing, in the order of the list, so that Tab goes as the eye does. */
const useMarkers = (
  map: LeafletMap | undefined,
  things: ReadonlyArray<PlanThing>,
  onSelect: (spot: string) => void
): ReadonlyMap<string, Placed> => {
  const [placed, setPlaced] = useState<ReadonlyMap<string, Placed>>(new Map())
  const select = useRef(onSelect)
  useEffect(() => {
    select.current = onSelect
  })
  const order = things.map(({ spot, x, y }) => `${spot} ${x} ${y}`).join("\n")
  useEffect(() => {
    if (map === undefined) return
    const made = new Map<string, Placed>()
    for (const { spot, x, y } of things) {
      const host = document.createElement("span")
      const icon = divIcon({ html: host, className: "plan-mark", iconSize: [markPx, markPx] })
      const marker = makeMarker(at(x, y), { icon, keyboard: true }).addTo(map)
      marker.on("click keypress", (event) => {
        const pressed = "originalEvent" in event ? (event.originalEvent as KeyboardEvent) : undefined
        if (event.type === "click" || pressed?.key === "Enter" || pressed?.key === " ") select.current(spot)
      })
      made.set(spot, { marker, host })
    }
    setPlaced(made)
    return () => {
      for (const { marker } of made.values()) marker.remove()
    }
    // What is where is named by `order`; how it stands is drawn into the markers.
  }, [map, order])
  return placed
}

const useOutlines = (map: LeafletMap | undefined, things: ReadonlyArray<PlanThing>): void => {
  const armed = things.filter(
    ({ kind, layer, outline }) => kind === "area" && layer === "armed" && outline !== undefined
  )
  const key = armed.map(({ spot }) => spot).join(" ")
  useEffect(() => {
    if (map === undefined) return
    const drawn = armed.map(({ outline = [] }) =>
      polygon(
        outline.map(([x, y]) => at(x, y)),
        { className: "plan-armed", interactive: false }
      ).addTo(map)
    )
    return () => {
      for (const one of drawn) one.remove()
    }
  }, [map, key])
}

interface MapProps {
  readonly plan: Plan
  /** Those that are shown. */
  readonly things: ReadonlyArray<PlanThing>
  readonly selected: string | undefined
  readonly onSelect: (spot: string) => void
}

/** A plan to look at: the same things as in the list beside it, each a button at its place. */
export const PlanMap = ({ plan, things, selected, onSelect }: MapProps) => {
  const { box, map } = useMap(plan)
  const placed = useMarkers(map, things, onSelect)
  useOutlines(map, things)
  useEffect(() => {
    for (const [spot, { marker }] of placed)
      marker.getElement()?.setAttribute("aria-pressed", String(spot === selected))
  }, [placed, selected])
  useEffect(() => {
    const marker = selected === undefined ? undefined : placed.get(selected)?.marker
    if (marker === undefined || map === undefined) return
    marker.setZIndexOffset(1_000)
    map.panInside(marker.getLatLng(), { padding: [80, 80], animate: false })
    return () => void marker.setZIndexOffset(0)
  }, [map, placed, selected])
  return (
    <>
      <div ref={box} className="plan-map" role="group" aria-label={`Plan: ${plan.name}`} />
      {things.map((thing) => {
        const host = placed.get(thing.spot)?.host
        return host === undefined
          ? null
          : createPortal(<Mark thing={thing} selected={thing.spot === selected} />, host, thing.spot)
      })}
    </>
  )
}
