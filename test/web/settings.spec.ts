import t from 'tap'
import { DEFAULTS, settingsStore } from '../../web/src/store/settings.ts'
import { memoryBox } from '../../web/src/store/stored.ts'

t.test('settings are kept, and what cannot be read has its default', async (t) => {
  const box = memoryBox()
  t.same(settingsStore(box).get(), DEFAULTS)
  settingsStore(box).set({ ...DEFAULTS, microphone: 'usb', volume: 0.3 })
  t.same(settingsStore(box).get(), { ...DEFAULTS, microphone: 'usb', volume: 0.3 })
  box.setItem('offhook.settings', '{"speaker":"x","volume":7,"ringVolume":0,"microphone":3}')
  t.same(settingsStore(box).get(), { ...DEFAULTS, speaker: 'x', ringVolume: 0 })
})
