import './audio.spec.ts'
