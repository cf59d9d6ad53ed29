# Run by the operation `report` in guild.yml.

echo "Report: $1"
echo "In the environment: $FLAG_TITLE"
