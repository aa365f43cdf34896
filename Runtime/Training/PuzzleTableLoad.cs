namespace Graph.Training;

/// <summary>Fills a puzzle table from stored rows, whose number may differ.</summary>
internal static class PuzzleTableLoad
{
    private const ushort Stream = 5;

    /// <param name="stored">[stored rows, width].</param>
    /// <param name="table">Takes the rows; of the same width.</param>
    /// <param name="resize"><see cref="PuzzleResize.Mean"/> or <see cref="PuzzleResize.Normal"/>.</param>
    /// <param name="seed">Of the normal draws.</param>
    public static void Fill(ReadOnlySpan<float> stored, SparseTable table, PuzzleResize resize, ulong seed)
    {
        int count = stored.Length / table.Width;
        double[] mean = new double[table.Width];
        double[] deviation = new double[table.Width];
        for (int column = 0; column < table.Width; column++)
        {
            double sum = 0, squares = 0;
            for (int row = 0; row < count; row++)
            {
                sum += stored[(row * table.Width) + column];
            }

            mean[column] = sum / Math.Max(1, count);
            for (int row = 0; row < count; row++)
            {
                double difference = stored[(row * table.Width) + column] - mean[column];
                squares += difference * difference;
            }

            deviation[column] = resize == PuzzleResize.Normal ? Math.Sqrt(squares / Math.Max(1, count)) : 0;
        }

        for (int row = 0; row < table.Count; row++)
        {
            var random = new CounterRandom(seed, 0, (uint)row, Stream);
            Span<float> values = table.Rows.Slice(row * table.Width, table.Width);
            for (int column = 0; column < values.Length; column++)
            {
                values[column] = (float)(mean[column] + (deviation[column] == 0 ? 0 : deviation[column] * random.NextNormal()));
            }
        }
    }
}
