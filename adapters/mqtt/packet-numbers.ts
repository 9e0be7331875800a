import { writeToStream } from "mqtt-packet"

/*
 * mqtt.js and aedes write their packets by this library, which makes a buffer of each number that two bytes can hold at the
 * first one: 65 536 objects that are copied from the young heap to the old one and marked ever after, 7 MB, for numbers that
 * are written once in a while.
 */
writeToStream.cacheNumbers = false
