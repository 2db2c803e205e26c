"""The portal's copy of the DynamoDB items: change notice → item → row, and only a newer version wins."""
