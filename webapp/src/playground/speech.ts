/** Speaks the terminal's voice prompts aloud, where the browser has a voice and the person wants it. */

import { ref, watch } from "vue";

export const canSpeak = "speechSynthesis" in window;
export const speaking = ref(canSpeak && localStorage.getItem("playground.speaking") === "yes");

watch(speaking, (on) => {
  localStorage.setItem("playground.speaking", on ? "yes" : "no");
  if (!on) speechSynthesis.cancel();
});

export function speak(text: string): void {
  if (!speaking.value || !text) return;
  const said = new SpeechSynthesisUtterance(text);
  said.lang = "zh-CN";
  speechSynthesis.cancel();
  speechSynthesis.speak(said);
}
