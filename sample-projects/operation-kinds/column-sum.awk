# Sum of a column of numbers
# input: numbers.txt
# flag column 1: the column to sum
# flag unit EUR: what is counted
{ sum += $column }
END { print "sum: " sum; print unit > "unit.txt" }
