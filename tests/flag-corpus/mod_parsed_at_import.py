import argparse
from project_settings import args

print(args)
