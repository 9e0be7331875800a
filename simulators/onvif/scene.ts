import jpeg from "jpeg-js"
import { type Canvas, canvas, type Colour, copyOf, disc, extentOf, fill, write } from "./canvas.ts"

/** What a camera looks at. */
export interface Scene {
  /** The camera's name, written into the picture. */
  readonly camera: string
  /** Doors in its view, from left to right. */
  readonly doors: ReadonlyArray<{ readonly name: string; readonly open: boolean }>
  /** Somebody walks through the picture. */
  readonly figure: boolean
  /** The lens is covered, or the signal is gone. */
  readonly blind?: "covered" | "no-signal"
}

export const pictureSize = { width: 640, height: 360 } as const

/** Of a JPEG encoder, 1 to 100: a picture of about 12 kB. */
const quality = 60

/** How long a figure takes from one side to the other. */
const crossingMs = 8000

/** A step. */
const strideMs = 500

/** Doors that are drawn at most: a picture has no room for more. */
const doorsMax = 4

const floorAt = 268

const colours = {
  wall: [196, 200, 194],
  skirting: [120, 122, 118],
  floor: [142, 134, 120],
  tile: [130, 122, 109],
  frame: [70, 72, 76],
  leaf: [120, 84, 56],
  leafEdge: [92, 62, 40],
  outside: [24, 32, 48],
  handle: [214, 190, 96],
  coat: [44, 72, 120],
  trousers: [36, 38, 44],
  skin: [214, 170, 138],
  band: [18, 20, 24],
  letters: [236, 238, 240],
  warning: [232, 92, 60]
} satisfies Record<string, Colour>

const emptied = (): Canvas => {
  const { width, height } = pictureSize
  const on = canvas(width, height)
  fill(on, { x: 0, y: 0, w: width, h: floorAt }, colours.wall)
  fill(on, { x: 0, y: floorAt, w: width, h: height - floorAt }, colours.floor)
  for (let y = floorAt + 18; y < height; y += 24) fill(on, { x: 0, y, w: width, h: 2 }, colours.tile)
  fill(on, { x: 0, y: floorAt - 6, w: width, h: 6 }, colours.skirting)
  return on
}

/** The room does not change: drawn once. */
let emptyRoom: Canvas | undefined

/** Between the labels of two doors, and between a label and the picture's side. */
const labelGap = 6

/** What stands over a door: its name, cut at its end where it would not fit, and how the door stands, which always does. */
export const labelOf = ({ name, open }: Scene["doors"][number], room: number): string => {
  const state = open ? "OPEN" : "CLOSED"
  const whole = `${name} ${state}`
  const letters = Math.floor((room - 2 * labelGap) / extentOf("M", 1).w)
  if (Array.from(whole).length <= letters) return whole
  return `${Array.from(name)
    .slice(0, Math.max(0, letters - state.length - 3))
    .join("")
    .trimEnd()}.. ${state}`
}

const drawDoor = (on: Canvas, x: number, room: number, { name, open }: Scene["doors"][number]): void => {
  const [top, w, h] = [92, 84, floorAt - 92]
  fill(on, { x: x - 6, y: top - 6, w: w + 12, h: h + 6 }, colours.frame)
  if (open) {
    fill(on, { x, y: top, w, h }, colours.outside)
    fill(on, { x, y: top, w: 18, h }, colours.leafEdge)
    fill(on, { x: x + 13, y: top + h / 2, w: 4, h: 8 }, colours.handle)
  } else {
    fill(on, { x, y: top, w, h }, colours.leaf)
    fill(on, { x: x + 12, y: top + 14, w: w - 24, h: h / 2 - 22 }, colours.leafEdge)
    fill(on, { x: x + 12, y: top + h / 2 + 8, w: w - 24, h: h / 2 - 24 }, colours.leafEdge)
    fill(on, { x: x + w - 16, y: top + h / 2, w: 8, h: 6 }, colours.handle)
  }
  const label = labelOf({ name, open }, room)
  write(
    on,
    label,
    { x: x + w / 2 - extentOf(label, 1).w / 2, y: top - 20, size: 1 },
    open ? colours.warning : colours.band
  )
}

const drawFigure = (on: Canvas, at: number): void => {
  const { width } = pictureSize
  const x = ((at % crossingMs) / crossingMs) * (width + 80) - 40
  const swing = Math.sin((at / strideMs) * Math.PI) * 12
  const foot = 322
  fill(on, { x: x - 5 - swing, y: foot - 52, w: 9, h: 52 }, colours.trousers)
  fill(on, { x: x - 4 + swing, y: foot - 52, w: 9, h: 52 }, colours.trousers)
  fill(on, { x: x - 13, y: foot - 112, w: 26, h: 62 }, colours.coat)
  fill(on, { x: x - 17 + swing / 2, y: foot - 108, w: 7, h: 46 }, colours.coat)
  fill(on, { x: x + 10 - swing / 2, y: foot - 108, w: 7, h: 46 }, colours.coat)
  disc(on, { x, y: foot - 124, radius: 12 }, colours.skin)
}

const caption = (on: Canvas, camera: string, at: number): void => {
  const { width } = pictureSize
  fill(on, { x: 0, y: 0, w: width, h: 24 }, colours.band)
  write(on, camera, { x: 8, y: 5, size: 2 }, colours.letters)
  const time = new Date(at).toISOString().replace("T", " ").slice(0, 22)
  write(on, time, { x: width - extentOf(time, 2).w - 4, y: 5, size: 2 }, colours.letters)
}

/** Draws what a camera sees at an instant. */
export const draw = (scene: Scene, at: number): Canvas => {
  const { width, height } = pictureSize
  emptyRoom ??= emptied()
  const on = copyOf(emptyRoom)
  if (scene.blind === undefined) {
    const doors = scene.doors.slice(0, doorsMax)
    const room = width / (doors.length + 1)
    doors.forEach((door, index) => drawDoor(on, (index + 1) * room - 42, room, door))
    if (scene.figure) drawFigure(on, at)
  } else {
    fill(on, { x: 0, y: 0, w: width, h: height }, scene.blind === "covered" ? colours.trousers : colours.outside)
    if (scene.blind === "no-signal") write(on, "NO SIGNAL", { x: 214, y: 160, size: 4 }, colours.letters)
  }
  caption(on, scene.camera, at)
  return on
}

/** A camera of five frames a second: encoding takes tens of milliseconds, and many may ask at once. */
const frameMs = 200

/** The beginning of the frame that an instant falls into. */
export const frameOf = (at: number): number => Math.floor(at / frameMs) * frameMs

/** The same as a JPEG. */
export const photograph = (scene: Scene, at: number): Buffer => {
  const { width, height, data } = draw(scene, at)
  return jpeg.encode({ width, height, data }, quality).data
}
