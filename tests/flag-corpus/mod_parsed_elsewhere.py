import argparse
import project_options

args = project_options.read()
print(args)
