/** A user about whom nothing is said. */
export const plain = {
  ...{ password: null, name: null, callerId: null, allow: null },
  ...{ digest: null, codecs: null, media: null },
}
