# SPDX-License-Identifier: MIT
# Slowdown of each workload under each tracer, as grouped bars on a logarithmic
# scale: gnuplot -c plot.gp TABLE OUTPUT COLOURS; report.py
# makes the table, and the colours for its columns.
set terminal svg size 1300,620 font "sans-serif,13" background "white"
set output ARG2
set datafile separator "\t"
set datafile missing "?"

set title "Run time as a multiple of the native one (less is better)"
set logscale y
set yrange [0.8:*]
set ytics (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
set grid ytics lc rgb "#d0d0d0"
set style data histograms
set style histogram clustered gap 2
set style fill solid 1.0 noborder
set boxwidth 0.95 relative
set xtics nomirror scale 0
set key outside bottom center horizontal width 2 maxrows 4 noenhanced
set arrow from graph 0, first 1 to graph 1, first 1 nohead lc rgb "#404040"

plot for [i = 1 : words(ARG3)] ARG1 using i + 1 : xtic(1) title columnheader(i + 1) lc rgb word(ARG3, i)
