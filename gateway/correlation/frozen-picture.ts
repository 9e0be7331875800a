import { HashMap } from "effect"
import { defaultFrameTimes, frozenFramesLeast } from "../domain/evidence.ts"
import type { Fact } from "../domain/fact.ts"
import type { CameraId } from "../domain/ids.ts"
import type { Draft } from "./draft.ts"

type Of<Tag extends Fact["_tag"]> = Extract<Fact, { readonly _tag: Tag }>

const keyOf = (camera: CameraId): string => `camera:${camera}`

/**
 * The same picture to the last byte, again and again: whatever happens before that camera would not be seen. A real
 * picture has noise in it. One that is offline shows nothing, and has its own alert.
 */
export const pictureUnchanged = (draft: Draft, fact: Of<"PictureUnchanged">): void => {
  const camera = draft.inner.index.cameras.get(fact.camera)
  if (camera?.device === undefined || draft.device(camera.device).availability === "offline") return
  const { frozenAfterSeconds } = { ...defaultFrameTimes, ...camera.frames }
  const lastedMs = draft.now - fact.since
  if (fact.frames < frozenFramesLeast || lastedMs < frozenAfterSeconds * 1000) return
  const { frozen } = draft.situation
  if (!HashMap.has(frozen, camera.id)) draft.situation.frozen = HashMap.set(frozen, camera.id, draft.now)
  draft.finding({
    _tag: "ConditionActive",
    condition: "PictureFrozen",
    key: keyOf(camera.id),
    at: draft.now,
    rule: "supervision.frozen-picture",
    priority: 3,
    title: `Picture frozen: ${camera.name}`,
    device: camera.device,
    area: camera.area,
    why: [
      { at: fact.since, text: "Its picture has been the same since" },
      {
        at: draft.now,
        seq: draft.seq,
        text: `${fact.frames} frames in ${Math.round(lastedMs / 1000)} s were the same to the last byte`
      }
    ]
  })
}

const normal = (draft: Draft, camera: CameraId, why: { readonly seq?: number; readonly text: string }): void => {
  draft.situation.frozen = HashMap.remove(draft.situation.frozen, camera)
  draft.finding({
    _tag: "ConditionNormal",
    condition: "PictureFrozen",
    key: keyOf(camera),
    at: draft.now,
    why: [{ at: draft.now, ...why }]
  })
}

export const pictureChanged = (draft: Draft, fact: Of<"PictureChanged">): void =>
  normal(draft, fact.camera, { seq: draft.seq, text: "Its picture changes again" })

/** A device is away, and with it the pictures of its cameras: nobody knows any more whether they change. */
export const pictureOutOfSight = (draft: Draft, device: string): void => {
  for (const camera of draft.inner.index.cameras.values()) {
    if (camera.device === device) normal(draft, camera.id, { text: "It is away: nobody knows what it shows" })
  }
}
