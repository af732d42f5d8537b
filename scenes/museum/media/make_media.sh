#!/bin/sh
# Makes the sounds and the clip of the museum scene, from nothing but sine waves and noise.
# Needs: apt-get install sox ffmpeg
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# sound NAME SOX-ARGUMENTS...: one channel, always the same noise (-R).
sound() {
  name=$1
  shift
  sox -V1 -R -n -r 22050 -c 1 -b 16 "$work/$name.wav" "$@"
}

# encode NAME KBIT: nothing in the file that depends on the day or the machine.
encode() {
  ffmpeg -v error -y -i "$work/$1.wav" -map_metadata -1 -fflags +bitexact -flags:a +bitexact \
    -codec:a libmp3lame -b:a "$2k" "$1.mp3"
}

# The hall at night: a low drone that beats, and wind.
sound drone synth 8 sine 55 synth 8 sine mix 55.7 synth 8 sine mix 82.2 synth 8 sine mix 116.5 \
  tremolo 0.4 60 gain -n -8
sound wind synth 8 brownnoise band 420 180 tremolo 0.25 85 gain -n -10
sox -V1 -R -m "$work/drone.wav" "$work/wind.wav" "$work/bg.wav" reverb 60 trim 0 8 \
  fade t 0.8 8 1.2 gain -n -3
encode bg 64

# Three bells.
for bell in 0:660 0.45:880 0.9:1108.7; do
  sound "bell_${bell%%:*}" synth 2 sine "${bell##*:}" synth 2 sine mix "$(
    echo "${bell##*:}" | awk '{ print $1 * 2.76 }')" fade l 0.005 2 1.9 gain -8 pad "${bell%%:*}" 0
done
sox -V1 -R -m "$work"/bell_*.wav "$work/welcome.wav" reverb 40 trim 0 2.8 fade t 0 2.8 0.6 gain -n -3
encode welcome 48

# Breath that comes in syllables.
sound whisper synth 2 pinknoise band -n 2600 1900 highpass 700 tremolo 5.5 90 \
  fade h 0.15 2 0.5 reverb 50 trim 0 2 gain -n -4
encode whisper 48

# Brass: three short notes and a long chord.
for note in 0:0.22:392 0.24:0.22:392 0.48:0.22:392 0.74:1.2:523.25 0.74:1.2:659.26 0.74:1.2:784; do
  at=${note%%:*}
  rest=${note#*:}
  length=${rest%%:*}
  pitch=${rest##*:}
  sound "note_${at}_$pitch" synth "$length" sawtooth "$pitch" lowpass 2400 \
    fade t 0.03 "$length" 0.08 gain -14 pad "$at" 0
done
sox -V1 -R -m "$work"/note_*.wav "$work/fanfare.wav" reverb 30 trim 0 2.1 fade t 0 2.1 0.2 gain -n -3
encode fanfare 48

# A clap and its roll; small enough to stay uncompressed.
sox -V1 -R -n -r 11025 -c 1 -b 16 "$work/roll.wav" synth 1.8 brownnoise lowpass 220 tremolo 7 55 \
  fade l 0.02 1.8 1.7 gain -n -2
sox -V1 -R -n -r 11025 -c 1 -b 16 "$work/clap.wav" synth 0.3 whitenoise lowpass 2500 \
  fade l 0.002 0.3 0.29 gain -n -6
sox -V1 -R -m -v 1 "$work/roll.wav" -v 0.6 "$work/clap.wav" -b 16 sfx_thunder.wav gain -n -2

# A pale figure with two dark eyes that drifts through the dark and is gone.
x='(X-160-46*sin(1.7*T))'
y='(Y-118+9*T)'
ffmpeg -v error -y -f lavfi -i "color=black:size=320x240:rate=25:duration=3,format=yuv420p" \
  -vf "geq=lum='16+sin(PI*T/3)*(190*exp(-pow($x/38,2)-pow($y/66,4))
-170*exp(-pow(($x-13)/6,2)-pow(($y+26)/9,2))-170*exp(-pow(($x+13)/6,2)-pow(($y+26)/9,2)))':cb=134:cr=122" \
  -map_metadata -1 -fflags +bitexact -flags:v +bitexact -threads 1 \
  -codec:v libx264 -preset veryslow -crf 30 -pix_fmt yuv420p -movflags +faststart ghost.mp4
