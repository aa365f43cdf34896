namespace Graph.Execution;

/// <summary>Second stage of sums over rows.</summary>
public static partial class PartialSums
{
    /// <summary>gradient[n] += the blocks' partial sums, in the order of the blocks (on a device: in one fixed order).</summary>
    public static void AddTo(in Worker worker, Ref gradient, Ref partial, long blocks, int n)
    {
        if (worker.Gpu is { } gpu)
        {
            AddTo(gpu, gradient, partial, blocks, n, 1);
            return;
        }

        for (long block = 0; block < blocks; block++)
        {
            var row = partial + (block * n);
            for (var i = 0; i < n; i++)
            {
                gradient[i] += row[i];
            }
        }
    }
}
